using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streams.Ingest.DeadLetters;

/// <summary>
/// Reads a dead-letter topic as far as its transactions are decided. It belongs to no group and commits nothing. Not safe to use from two
/// threads at once.
/// </summary>
public sealed class DeadLetterReader : IDisposable
{
    // Letters carry whole records: what is fetched ahead stays below this, one record aside.
    private const int PrefetchKilobytes = 16 * 1024;

    // A gap this long is cheaper to jump over than to read through.
    private const long JumpAfter = 256;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DeadLetterTopic _topic;
    private readonly TimeProvider _time;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;

    // Where the consumer stands, when it reads single letters.
    private TopicPartitionOffset? _next;

    /// <summary>Makes a reader; the broker is contacted with the first read.</summary>
    public DeadLetterReader(KafkaOptions kafka, DeadLetterTopic topic, ILogger logger, TimeProvider? time = null)
    {
        (_topic, _time) = (topic, time ?? TimeProvider.System);
        // The group is a name that the client library asks for; it is never joined nor written to.
        var config = KafkaClients.Consumer(kafka, "streams.dlt", PrefetchKilobytes, TimeSpan.FromMinutes(5));
        // The end of a topic is told by a fetch that waits in vain: that wait is all that a short topic costs.
        config.FetchWaitMaxMs = 10;
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => KafkaClients.Forward(logger, message))
            .SetErrorHandler((_, error) => logger.ConsumeFailed(topic.Name, error.Reason))
            .Build();
    }

    /// <summary>Partitions of <paramref name="topic"/>; none when it does not exist.</summary>
    /// <exception cref="KafkaException">No broker answers.</exception>
    public int PartitionsOf(string topic)
    {
        using var admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        // Asking for one topic by name could create it.
        return admin.GetMetadata(Patience).Topics.FirstOrDefault(known => known.Topic == topic)?.Partitions.Count ?? 0;
    }

    /// <summary>Reads the whole topic and keeps what <paramref name="filter"/> means.</summary>
    /// <exception cref="DeadLetterException">There is no such topic, or it cannot be read to its end.</exception>
    public DeadLetterIndex ReadIndex(DeadLetterFilter filter, CancellationToken ct = default)
    {
        var partitions = PartitionsOf(_topic.Name);
        if (partitions == 0)
        {
            throw new DeadLetterException($"there is no topic {_topic.Name}", "check the names of topic and run, or create the topics with `streams topics create`");
        }

        var index = new DeadLetterIndex(filter);
        // What is written while this reads would let it chase the end for ever.
        var high = Enumerable.Range(0, partitions)
            .ToDictionary(partition => partition, partition => _consumer.QueryWatermarkOffsets(new TopicPartition(_topic.Name, partition), Patience).High.Value);
        _consumer.Assign(high.Keys.Select(partition => new TopicPartitionOffset(_topic.Name, partition, Offset.Beginning)));
        _next = null;
        while (high.Count > 0)
        {
            var record = Consume(ct);
            var partition = record.Partition.Value;
            if (!high.TryGetValue(partition, out var end))
            {
                continue;
            }

            if (record.IsPartitionEOF || record.Offset.Value >= end)
            {
                index.Ends[partition] = record.Offset.Value;
                high.Remove(partition);
                _consumer.IncrementalUnassign([record.TopicPartition]);
            }
            else
            {
                index.Add(record);
            }
        }

        _consumer.Unassign();
        index.Complete();
        return index;
    }

    /// <summary>The letters themselves, in the order of <paramref name="entries"/>.</summary>
    /// <exception cref="DeadLetterException">One of them is no longer there.</exception>
    public IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> Read(IReadOnlyList<DeadLetterEntry> entries, CancellationToken ct = default)
    {
        var found = new Dictionary<TopicPartitionOffset, ConsumeResult<byte[]?, byte[]?>>();
        foreach (var entry in entries.OrderBy(entry => entry.Position.Partition.Value).ThenBy(entry => entry.Position.Offset.Value))
        {
            found.TryAdd(entry.Position, ReadOne(entry, ct));
        }

        return [.. entries.Select(entry => found[entry.Position])];
    }

    /// <inheritdoc/>
    public void Dispose() => _consumer.Dispose();

    private ConsumeResult<byte[]?, byte[]?> ReadOne(DeadLetterEntry entry, CancellationToken ct)
    {
        var position = entry.Position;
        if (_next is null || _next.TopicPartition != position.TopicPartition || _next.Offset > position.Offset || _next.Offset + JumpAfter < position.Offset)
        {
            _consumer.Assign(position);
        }

        ConsumeResult<byte[]?, byte[]?> record;
        do
        {
            record = Consume(ct);
            _next = new TopicPartitionOffset(record.TopicPartition, record.Offset + 1);
            if (record.IsPartitionEOF || record.Offset > position.Offset)
            {
                _next = null;
                throw new DeadLetterException(
                    $"the letter of {entry.Letter.Origin} is no longer at {position}", "its topic's retention has deleted it meanwhile; list the letters again");
            }
        }
        while (record.Offset != position.Offset);
        return record;
    }

    private ConsumeResult<byte[]?, byte[]?> Consume(CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            if (_consumer.Consume(PollInterval) is { } record)
            {
                return record;
            }

            if (_time.GetElapsedTime(started) > Patience)
            {
                throw new DeadLetterException($"{_topic.Name} cannot be read to its end: nothing came for {Patience.TotalSeconds:0} s", "check that the broker is up, then repeat");
            }
        }
    }
}
