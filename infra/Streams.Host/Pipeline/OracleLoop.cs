using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.Publishing;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Labels;
using Streams.Processors.ModeEstimation;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Streams.Host.Pipeline;

/// <summary>Reads queries of one task from <c>label.queries</c> and answers on <c>label.samples</c>.</summary>
internal sealed class OracleLoop(StreamsOptions options, string task, IReadOnlyDictionary<int, string> truths, string name)
{
    private readonly TruthOracle _oracle = new(truths, name);

    /// <summary>Publishes the task's definition: its pool is all samples of the truths.</summary>
    public async Task OpenTaskAsync(double delta, CancellationToken cancellation)
    {
        await using var publisher = KafkaAccess.Publisher(options);
        await PublishTaskAsync(
            publisher,
            new LabelTask(task, delta, Math.Max(2, truths.Values.Distinct().Count()), Pool: truths.Count),
            cancellation);
    }

    /// <summary>Publishes a definition with an id that a repetition shares.</summary>
    public static Task PublishTaskAsync(RecordPublisher publisher, LabelTask definition, CancellationToken cancellation) =>
        publisher.PublishAsync(LabelRecords.Task(definition, DateTimeOffset.UtcNow), cancellation);

    /// <summary>Answers until cancelled, or until the task stops asking when <paramref name="once"/>. Returns the number of answers.</summary>
    public Task<int> RunAsync(bool once, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => LoopAsync(once, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task<int> LoopAsync(bool once, CancellationToken cancellation)
    {
        // A group of its own per task: a restarted oracle goes on where it was. Answers given twice are ignored by the estimator.
        var config = options.Kafka.ToConsumerConfig($"{options.Kafka.GroupId}.oracle.{name}.{task}");
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        await using var publisher = KafkaAccess.Publisher(options);
        consumer.Subscribe(Topics.LabelQueries);
        var answered = new HashSet<string>();
        var count = 0;
        try
        {
            while (true)
            {
                ConsumeResult<byte[], byte[]> record;
                try
                {
                    record = consumer.Consume(cancellation);
                }
                catch (ConsumeException e) when (e.Error.Code == ErrorCode.UnknownTopicOrPart)
                {
                    // The topic comes with the pipeline; wait for it.
                    continue;
                }

                if (Read(record) is { } asked && answered.Add(asked.Id))
                {
                    var query = asked.Query;
                    if (query.Kind == LabelQueryKind.Stop && once)
                    {
                        return count;
                    }

                    if (Answer(query) is { } answer)
                    {
                        await publisher.PublishAsync(answer, cancellation);
                        count++;
                    }
                }

                consumer.StoreOffset(record);
                consumer.Commit();
            }
        }
        catch (OperationCanceledException)
        {
            return count;
        }
        finally
        {
            consumer.Close();
        }
    }

    private SourceRecord? Answer(LabelQuery query)
    {
        var id = $"{name}/{query.Query}";
        return _oracle.Answer(query) is { } sample ? LabelRecords.Sample(sample, id, DateTimeOffset.UtcNow)
            : _oracle.Compare(query) is { } pair ? LabelRecords.Pair(pair, id, DateTimeOffset.UtcNow)
            : null;
    }

    private (string Id, LabelQuery Query)? Read(ConsumeResult<byte[], byte[]> record)
    {
        try
        {
            var result = ResultReader.Read(record).Result;
            return result.Key == task ? (result.Id, ResultJson.Deserialize<LabelQuery>(record.Message.Value)) : null;
        }
        catch (RecordFormatException)
        {
            // Not a query of ours.
            return null;
        }
    }
}
