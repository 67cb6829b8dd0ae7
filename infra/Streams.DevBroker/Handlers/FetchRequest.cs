using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Handlers;

/// <summary>A fetch request, whatever its version.</summary>
internal sealed record FetchRequest(int MaxWaitMs, int MinBytes, int MaxBytes, bool CommittedOnly, int SessionId, List<FetchRequest.TopicFetch> Topics)
{
    private const sbyte ReadCommitted = 1;

    public readonly record struct PartitionFetch(int Index, int CurrentLeaderEpoch, long Offset, int MaxBytes);

    public readonly record struct TopicFetch(string? Name, Guid Id, List<PartitionFetch> Partitions);

    public static FetchRequest Read(KafkaReader reader, short version)
    {
        if (version <= 14)
            reader.ReadInt32("replica_id");
        int maxWait = reader.ReadInt32("max_wait_ms");
        int minBytes = reader.ReadInt32("min_bytes");
        int maxBytes = reader.ReadInt32("max_bytes");
        bool committedOnly = reader.ReadInt8("isolation_level") == ReadCommitted;
        int session = version >= 7 ? reader.ReadInt32("session_id") : 0;
        if (version >= 7)
            reader.ReadInt32("session_epoch");
        var topics = reader.ReadArray("topics", item => ReadTopic(item, version));
        if (version >= 7)
            reader.ReadArray("forgotten_topics_data", item => SkipForgotten(item, version));
        if (version >= 11)
            reader.ReadString("rack_id");
        reader.SkipTags();
        return new(maxWait, minBytes, maxBytes, committedOnly, session, topics);
    }

    private static TopicFetch ReadTopic(KafkaReader reader, short version)
    {
        string? name = version <= 12 ? reader.ReadString("topic") : null;
        var id = version >= 13 ? reader.ReadUuid("topic_id") : Guid.Empty;
        var partitions = reader.ReadArray("partitions", item => ReadPartition(item, version));
        reader.SkipTags();
        return new(name, id, partitions);
    }

    private static PartitionFetch ReadPartition(KafkaReader reader, short version)
    {
        int index = reader.ReadInt32("partition");
        int leaderEpoch = version >= 9 ? reader.ReadInt32("current_leader_epoch") : -1;
        long offset = reader.ReadInt64("fetch_offset");
        if (version >= 12)
            reader.ReadInt32("last_fetched_epoch");
        if (version >= 5)
            reader.ReadInt64("log_start_offset");
        int maxBytes = reader.ReadInt32("partition_max_bytes");
        reader.SkipTags();
        return new(index, leaderEpoch, offset, maxBytes);
    }

    private static bool SkipForgotten(KafkaReader reader, short version)
    {
        if (version <= 12)
            reader.ReadString("topic");
        else
            reader.ReadUuid("topic_id");
        reader.ReadArray("partitions", static item => item.ReadInt32("partition"));
        reader.SkipTags();
        return true;
    }
}
