using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Streams.Schemas;

namespace Streams.Ingest.DeadLetters;

/// <summary>
/// Deletes the beginning of a dead-letter topic up to the first letter that still matters. A marker matters as long as its letter can come
/// up behind it: where a repetition of the letter lies further on, or where the pump has not committed its way past the record and would
/// write the letter again after a crash.
/// </summary>
public sealed class DeadLetterCompaction(KafkaOptions kafka, DeadLetterTopic topic, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Deletes what is done with.</summary>
    /// <returns>How many offsets were given up, of letters, markers and transactions' ends.</returns>
    /// <exception cref="DeadLetterException">The topic cannot be read, or is a replay's.</exception>
    public async Task<long> RunAsync(CancellationToken ct = default)
    {
        if (topic.Run != Topics.LiveRun)
        {
            throw new DeadLetterException($"dead letters of the replay run '{topic.Run}' are not compacted", "they go with the topics of the run");
        }

        Dictionary<int, long> ends;
        List<TopicPartitionOffset> deletions;
        long starts;
        using (var consumer = new ConsumerBuilder<byte[]?, byte[]?>(KafkaClients.Consumer(kafka, KafkaClients.GroupId(kafka, topic.Source), 1024, TimeSpan.FromMinutes(5)))
            .SetLogHandler((_, message) => KafkaClients.Forward(logger, message))
            .Build())
        {
            // Before the index: what is committed by then is so afterwards.
            var committed = Committed(consumer);
            using var reader = new DeadLetterReader(kafka, topic, logger);
            var index = reader.ReadIndex(new DeadLetterFilter(), ct);
            ends = SafeEnds(index, (partition, offset) => committed.TryGetValue(partition, out var next) && offset < next);
            var low = ends.Keys.ToDictionary(
                partition => partition, partition => consumer.QueryWatermarkOffsets(new TopicPartition(topic.Name, partition), Patience).Low.Value);
            deletions = [.. ends.Where(end => end.Value > low[end.Key]).Select(end => new TopicPartitionOffset(topic.Name, end.Key, end.Value))];
            starts = deletions.Sum(deletion => low[deletion.Partition.Value]);
        }

        if (deletions.Count == 0)
        {
            return 0;
        }

        using var admin = new AdminClientBuilder(KafkaClients.Admin(kafka)).SetLogHandler((_, message) => KafkaClients.Forward(logger, message)).Build();
        await admin.DeleteRecordsAsync(deletions, new DeleteRecordsOptions { RequestTimeout = Patience, OperationTimeout = Patience }).WaitAsync(ct);
        return deletions.Sum(deletion => deletion.Offset.Value) - starts;
    }

    /// <summary>Up to where each partition of the dead-letter topic can be deleted.</summary>
    /// <param name="index">All letters and markers.</param>
    /// <param name="isPast">Whether the pump has committed its way past a record of a source partition.</param>
    internal static Dictionary<int, long> SafeEnds(DeadLetterIndex index, Func<int, long, bool> isPast)
    {
        var ends = new Dictionary<int, long>(index.Ends);
        foreach (var kept in index.Entries.Where(letter => letter.Status == DeadLetterStatus.Pending).Select(letter => letter.Position).Concat(index.ForeignPositions))
        {
            Limit(kept);
        }

        // A lower end can leave a repetition standing, and with it a marker must stay.
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (id, position) in index.Markers)
            {
                var again = index.Find(id)?.LastPosition is { } last && last.Offset.Value >= ends[last.Partition.Value];
                changed |= (again || !isPast(id.Origin.Partition, id.Origin.Offset)) && Limit(position);
            }
        }

        return ends;

        bool Limit(TopicPartitionOffset kept)
        {
            var lower = kept.Offset.Value < ends[kept.Partition.Value];
            if (lower)
            {
                ends[kept.Partition.Value] = kept.Offset.Value;
            }

            return lower;
        }
    }

    private Dictionary<int, long> Committed(IConsumer<byte[]?, byte[]?> consumer)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(Patience).Topics.FirstOrDefault(known => known.Topic == topic.Source)?.Partitions ?? [];
        return consumer.Committed(partitions.Select(partition => new TopicPartition(topic.Source, partition.PartitionId)), Patience)
            .Where(offset => offset.Offset.Value >= 0)
            .ToDictionary(offset => offset.Partition.Value, offset => offset.Offset.Value);
    }
}
