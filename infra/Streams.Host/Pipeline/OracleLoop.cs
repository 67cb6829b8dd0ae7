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

namespace Streams.Host.Pipeline;

/// <summary>Reads queries of one task from <c>label.queries</c> and answers on <c>label.samples</c>.</summary>
/// <param name="options">Where the broker is.</param>
/// <param name="task">The task.</param>
/// <param name="name">Who answers.</param>
/// <param name="answer">The record that answers a query; null when nothing is to be said. Called for one query after the other.</param>
internal sealed class OracleLoop(StreamsOptions options, string task, string name, Func<LabelQuery, CancellationToken, ValueTask<SourceRecord?>> answer)
{
    private static readonly TimeSpan TopicPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>A loop that answers from truths.</summary>
    public static OracleLoop OfTruths(StreamsOptions options, string task, IReadOnlyDictionary<int, string> truths, string name)
    {
        var oracle = new TruthOracle(truths, name);
        return new OracleLoop(options, task, name, (query, _) =>
        {
            var id = $"{name}/{query.Query}";
            return ValueTask.FromResult(
                oracle.Answer(query) is { } sample ? LabelRecords.Sample(sample, id, DateTimeOffset.UtcNow)
                : oracle.Compare(query) is { } pair ? LabelRecords.Pair(pair, id, DateTimeOffset.UtcNow)
                : null);
        });
    }

    /// <summary>Publishes a definition with an id that a repetition shares.</summary>
    public static Task PublishTaskAsync(RecordPublisher publisher, LabelTask definition, CancellationToken cancellation) =>
        publisher.PublishAsync(LabelRecords.Task(definition, DateTimeOffset.UtcNow), cancellation);

    /// <summary>Answers until cancelled, or until the task stops asking when <paramref name="once"/>. Returns the number of answers.</summary>
    public Task<int> RunAsync(bool once, CancellationToken cancellation) =>
        // Cancelled or not it begins: whoever stops it at once hears how far it came, too.
        Task.Factory.StartNew(() => LoopAsync(once, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task<int> LoopAsync(bool once, CancellationToken cancellation)
    {
        // Offsets are kept under a group of its own per task: a restarted oracle goes on where it was. Answers given twice are ignored by the
        // estimator. The group is not joined: after a kill its membership would have to time out before anybody could go on.
        var config = options.Kafka.ToConsumerConfig($"{options.Kafka.GroupId}.oracle.{name}.{task}");
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        await using var publisher = KafkaAccess.Publisher(options);
        var answered = new HashSet<string>();
        var count = 0;
        try
        {
            consumer.Assign(await PartitionsAsync(consumer, cancellation));
            while (true)
            {
                var record = consumer.Consume(cancellation);
                if (Read(record) is { } asked && answered.Add(asked.Id))
                {
                    var query = asked.Query;
                    if (query.Kind == LabelQueryKind.Stop && once)
                    {
                        return count;
                    }

                    if (await answer(query, cancellation) is { } reply)
                    {
                        await publisher.PublishAsync(reply, cancellation);
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

    // The topic comes with the pipeline; wait for it.
    private async Task<List<TopicPartitionOffset>> PartitionsAsync(IConsumer<byte[], byte[]> consumer, CancellationToken cancellation)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        while (true)
        {
            var partitions = Broker.Metadata(admin, options.Kafka.BootstrapServers).Topics.FirstOrDefault(known => known.Topic == Topics.LabelQueries)?.Partitions;
            if (partitions is { Count: > 0 })
            {
                return [.. partitions.Select(partition => new TopicPartitionOffset(Topics.LabelQueries, partition.PartitionId, Offset.Stored))];
            }

            await Task.Delay(TopicPoll, cancellation);
        }
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
