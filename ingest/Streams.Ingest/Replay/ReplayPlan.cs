using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Streams.Ingest.Replay;

/// <summary>The part of one source topic that a run reads: frozen when the run starts, so that records that arrive later do not move its end.</summary>
/// <param name="Topic">The source topic.</param>
/// <param name="Ranges">One for each partition.</param>
public sealed record ReplayPlan(string Topic, IReadOnlyList<ReplayRange> Ranges)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Offsets to pass, over all partitions.</summary>
    public long Total => Ranges.Sum(range => range.Length);

    /// <summary>Resolves bounds against the topic as it is now.</summary>
    /// <param name="kafka">Where the broker is.</param>
    /// <param name="topic">The source topic.</param>
    /// <param name="from">An ISO 8601 time of publication, an offset for every partition, or null for the oldest record.</param>
    /// <param name="to">The same, exclusive; null for the end of now.</param>
    /// <exception cref="ReplayBoundException">A bound is malformed, or the topic does not exist.</exception>
    /// <exception cref="KafkaException">The broker does not answer, or refuses the topic.</exception>
    public static ReplayPlan Resolve(KafkaOptions kafka, string topic, string? from, string? to)
    {
        var (first, last) = (ReplayBound.Parse("from", from), ReplayBound.Parse("to", to));
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(KafkaClients.Consumer(kafka, "streams.replay", prefetchKilobytes: 1024, Patience * 6)).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var metadata = admin.GetMetadata(topic, Patience).Topics.FirstOrDefault();
        if (metadata is { Error: { IsError: true, Code: not (ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic) } error })
        {
            throw new KafkaException(error);
        }

        if (metadata is null or { Error.IsError: true } or { Partitions.Count: 0 })
        {
            throw new ReplayBoundException($"topic '{topic}' does not exist at {kafka.BootstrapServers}; create the topics with 'streams topics create'");
        }

        var stable = StableEnds(admin, metadata.Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)));
        var ranges = metadata.Partitions.OrderBy(partition => partition.PartitionId).Select(partition =>
        {
            var id = new TopicPartition(topic, partition.PartitionId);
            var watermarks = consumer.QueryWatermarkOffsets(id, Patience);
            var limits = new WatermarkOffsets(watermarks.Low, Math.Min(watermarks.High.Value, stable[partition.PartitionId]));
            var start = Offset(consumer, id, first, limits.Low.Value, limits);
            var end = Offset(consumer, id, last, limits.High.Value, limits);
            return new ReplayRange(partition.PartitionId, start, Math.Max(start, end));
        });
        return new ReplayPlan(topic, [.. ranges]);
    }

    /// <summary>
    /// Last stable offsets: what lies beyond belongs to transactions that are still open, and a reader of committed records would wait for them.
    /// </summary>
    private static Dictionary<int, long> StableEnds(IAdminClient admin, IEnumerable<TopicPartition> partitions)
    {
        var found = admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }),
            new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadCommitted, RequestTimeout = Patience }).GetAwaiter().GetResult();
        return found.ResultInfos.ToDictionary(
            info => info.TopicPartitionOffsetError.Partition.Value,
            info => info.TopicPartitionOffsetError.Error.IsError
                ? throw new KafkaException(info.TopicPartitionOffsetError.Error)
                : info.TopicPartitionOffsetError.Offset.Value);
    }

    private static long Offset(IConsumer<byte[]?, byte[]?> consumer, TopicPartition id, ReplayBound bound, long otherwise, WatermarkOffsets limits)
    {
        var offset = otherwise;
        if (bound.Time is { } time)
        {
            // The first record at or after that time; there is none when everything is older.
            var found = consumer.OffsetsForTimes([new TopicPartitionTimestamp(id, new Timestamp(time))], Patience)[0].Offset;
            offset = found == Confluent.Kafka.Offset.End || found < 0 ? limits.High.Value : found.Value;
        }
        else if (bound.Offset is { } given)
        {
            offset = given;
        }

        return Math.Clamp(offset, limits.Low.Value, limits.High.Value);
    }

    private readonly record struct ReplayBound(DateTimeOffset? Time, long? Offset)
    {
        public static ReplayBound Parse(string name, string? text)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                return default;
            }

            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            {
                return new ReplayBound(null, offset);
            }

            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? new ReplayBound(time.ToUniversalTime(), null)
                : throw new ReplayBoundException($"{name} '{text}' is neither an offset nor a time; write for instance 1500 or 2026-01-31T12:00:00Z");
        }
    }
}

/// <summary>A part of one partition.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Start">First offset.</param>
/// <param name="End">One past the last offset.</param>
public sealed record ReplayRange(int Partition, long Start, long End)
{
    /// <summary>Offsets in it; some may hold no record.</summary>
    public long Length => End - Start;
}

/// <summary>A replay's bounds cannot be used; the message says what would do.</summary>
public sealed class ReplayBoundException(string message) : Exception(message);
