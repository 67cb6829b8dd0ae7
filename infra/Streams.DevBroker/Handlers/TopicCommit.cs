using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>The positions in one topic that a client commits, in a transaction or outside of one.</summary>
internal sealed record TopicCommit(string Name, List<TopicCommit.PartitionCommit> Partitions)
{
    public readonly record struct PartitionCommit(int Index, long Offset, int LeaderEpoch, string? Metadata);

    public static List<TopicCommit> ReadAll(KafkaReader reader, bool withLeaderEpoch) => reader.ReadArray("topics", topic =>
    {
        string name = topic.ReadString("name");
        var partitions = topic.ReadArray("partitions", item => ReadPartition(item, withLeaderEpoch));
        topic.SkipTags();
        return new TopicCommit(name, partitions);
    });

    /// <summary>What of it can be stored.</summary>
    public static List<KeyValuePair<TopicPartition, CommittedOffset>> Accepted(IEnumerable<TopicCommit> topics, BrokerState broker)
    {
        long now = broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return [.. topics.SelectMany(topic => topic.Partitions
            .Where(commit => topic.Check(broker, commit) == ErrorCode.None)
            .Select(commit => KeyValuePair.Create(
                new TopicPartition(topic.Name, commit.Index), new CommittedOffset(commit.Offset, commit.LeaderEpoch, commit.Metadata ?? string.Empty, now))))];
    }

    /// <summary>Writes how it went: the error of the whole, or each partition's own.</summary>
    public static void WriteAll(KafkaWriter writer, List<TopicCommit> topics, BrokerState broker, ErrorCode error) => writer.WriteArray(topics, (_, topic) =>
    {
        writer.WriteString(topic.Name);
        writer.WriteArray(topic.Partitions, (_, commit) =>
        {
            writer.WriteInt32(commit.Index);
            writer.WriteError(error != ErrorCode.None ? error : topic.Check(broker, commit));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
    });

    private static PartitionCommit ReadPartition(KafkaReader reader, bool withLeaderEpoch)
    {
        int index = reader.ReadInt32("partition_index");
        long offset = reader.ReadInt64("committed_offset");
        int leaderEpoch = withLeaderEpoch ? reader.ReadInt32("committed_leader_epoch") : -1;
        string? metadata = reader.ReadNullableString("committed_metadata");
        reader.SkipTags();
        return new(index, offset, leaderEpoch, metadata);
    }

    private ErrorCode Check(BrokerState broker, PartitionCommit commit) =>
        broker.Topics.Find(Name, commit.Index) is null ? ErrorCode.UnknownTopicOrPartition
        : GroupCoordinator.IsMetadataTooLarge(commit.Metadata) ? ErrorCode.OffsetMetadataTooLarge
        : ErrorCode.None;
}
