using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.Replay;

namespace Streams.Host.Pipeline;

/// <summary>Reads a frozen part of a topic, committed records only, each partition in log order. It joins no group and commits nothing.</summary>
internal static class BoundedRead
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The records of <paramref name="ranges"/>. Blocks while it waits for the broker.</summary>
    /// <param name="options">How to reach the broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="ranges">What to read of each partition.</param>
    /// <param name="purpose">Tells the reader apart in the broker's logs.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StreamsException">The topic cannot be read to its end.</exception>
    public static IEnumerable<ConsumeResult<byte[]?, byte[]?>> Of(
        StreamsOptions options, string topic, IEnumerable<ReplayRange> ranges, string purpose, CancellationToken cancellation)
    {
        var unread = ranges.Where(range => range.Length > 0).ToDictionary(range => range.Partition);
        var config = options.Kafka.ToConsumerConfig($"{options.Kafka.GroupId}.{purpose}");
        config.EnablePartitionEof = true;
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(unread.Values.Select(range => new TopicPartitionOffset(topic, range.Partition, range.Start)));
        while (unread.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var record = consumer.Consume(Patience)
                ?? throw new StreamsException($"{topic} was not read to its end: nothing came for {Patience.TotalSeconds:0} s", "check the broker with `streams doctor`");
            if (!unread.TryGetValue(record.Partition.Value, out var range))
            {
                continue;
            }

            if (!record.IsPartitionEOF && record.Offset.Value < range.End)
            {
                yield return record;
            }

            // The frozen end may lie among a transaction's markers, which nothing is read at: the end of file comes there, or a later record.
            if (record.Offset.Value >= (record.IsPartitionEOF ? range.End : range.End - 1))
            {
                unread.Remove(record.Partition.Value);
                consumer.IncrementalUnassign([record.TopicPartition]);
            }
        }
    }
}
