using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.TestKit.Simulation;

/// <summary>One host process: the product's pump over simulated clients.</summary>
internal sealed class SimHost(SimWorld world, SimBroker broker, SimSilos silos, SimCursors cursors, SimPoints points, bool transactional)
{
    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(50);

    // Small numbers, so that every limit is met often.
    private readonly PumpOptions _options = new()
    {
        MaxLanes = 4,
        MaxBatchRecords = 4,
        Linger = TimeSpan.FromMilliseconds(1),
        CheckpointInterval = TimeSpan.FromMilliseconds(100),
        VerifyInterval = TimeSpan.FromSeconds(2),
        MaxAttempts = 2,
        ByteBudget = 1024 * 1024,
        FencedDelay = TimeSpan.FromSeconds(5),
        MaxRetryDelay = TimeSpan.FromSeconds(2),
    };

    private readonly SimTransactions _transactions = new(world, broker, points);
    private readonly ResultsOptions _results = new() { Transactional = true, TransactionInterval = TimeSpan.FromMilliseconds(20) };

    /// <summary>What the pumps of all processes have taken up to now.</summary>
    public PumpCounters Counters { get; } = new(Topics.LiveRun, broker.Topic);

    public void Start(SimProcess process)
    {
        silos.Add(process);
        _ = process.Start(() => RunAsync(process));
    }

    /// <summary>As TopicPump does on its thread.</summary>
    private async Task RunAsync(SimProcess process)
    {
        using var services = new WorkServices(
            new SimDecoder(broker.Topic),
            new SimSink(silos, process),
            cursors,
            transactional ? new TransactionalResultPublisher(_transactions, _results, world.Clock, process) : new SimResults(broker, points),
            new SimDeadLetters(broker),
            _options,
            world.Clock,
            NullLogger.Instance,
            Counters)
        { Scheduler = process };
        using var consumer = new SimConsumer(world, broker, process);
        var assignment = new PumpAssignment(consumer, services);
        consumer.Assigned = assignment.Assign;
        consumer.Revoked = assignment.Revoke;
        consumer.Lost = assignment.Lose;
        while (!process.IsStopping)
        {
            assignment.RunCommands();
            if (services.Budget.IsFree && consumer.Consume(TimeSpan.Zero) is { } record)
            {
                assignment.Dispatch(record);
                await Task.Yield();
            }
            else
            {
                await Task.Delay(PollPause, world.Clock);
            }
        }

        assignment.Close();
        consumer.Close();
        process.Kill();
    }

    private sealed class SimDecoder(string topic) : IRecordDecoder
    {
        public string Topic => topic;

        public ValueTask<InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken ct) =>
            record.Message.Value is { Length: > 0 } value && value[0] != (byte)'!'
                ? ValueTask.FromResult(new InputRecord(record.Partition.Value, record.Offset.Value, record.Message.Timestamp.UtcDateTime, "history", value))
                : throw new RecordFormatException("value", "begins with !; begin with a letter");
    }

    private sealed class SimResults(SimBroker broker, SimPoints points) : IResultPublisher
    {
        public IPartitionPublisher Open(PartitionId partition) => new Session(broker, points);

        private sealed class Session(SimBroker broker, SimPoints points) : IPartitionPublisher
        {
            public async Task PublishAsync(IReadOnlyList<ResultMessage> results, long cursor, CancellationToken ct)
            {
                await broker.ProduceAsync(() =>
                {
                    broker.Results.AddRange(results);
                    points.Reach(SimPoint.ResultsPublished);
                }).WaitAsync(ct);
                points.Reach(SimPoint.ResultsAcknowledged);
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class SimDeadLetters(SimBroker broker) : IDeadLetterSink
    {
        public Task PublishAsync(DeadLetter letter, ConsumeResult<byte[]?, byte[]?> record, CancellationToken ct) =>
            broker.ProduceAsync(() => broker.DeadLetters.Add((letter.Partition, letter.Offset))).WaitAsync(ct);
    }
}
