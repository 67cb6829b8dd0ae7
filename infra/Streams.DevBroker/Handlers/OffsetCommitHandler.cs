using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Stores the positions of a group.</summary>
internal sealed class OffsetCommitHandler(BrokerState broker) : ApiHandler(ApiKey.OffsetCommit, 2, 8, 8)
{
    private readonly record struct PartitionCommit(int Index, long Offset, int LeaderEpoch, string? Metadata);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        short version = context.Version;
        string groupId = reader.ReadString("group_id");
        int generation = reader.ReadInt32("generation_id");
        string memberId = reader.ReadString("member_id");
        string? instanceId = version >= 7 ? reader.ReadNullableString("group_instance_id") : null;
        if (version <= 4)
            reader.ReadInt64("retention_time_ms");
        var topics = reader.ReadArray("topics", topic =>
        {
            string name = topic.ReadString("name");
            var partitions = topic.ReadArray("partitions", item => ReadPartition(item, version));
            topic.SkipTags();
            return (Name: name, Partitions: partitions);
        });
        reader.SkipTags();

        long now = broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var accepted = new List<KeyValuePair<TopicPartition, CommittedOffset>>();
        foreach (var (name, partitions) in topics)
        {
            foreach (var commit in partitions.Where(commit => Check(name, commit) == ErrorCode.None))
                accepted.Add(new(new(name, commit.Index), new(commit.Offset, commit.LeaderEpoch, commit.Metadata ?? string.Empty, now)));
        }

        var error = groupId.Length == 0 ? ErrorCode.InvalidGroupId : broker.Groups.Commit(groupId, memberId, instanceId, generation, accepted);
        var writer = context.Response;
        if (version >= 3)
            writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, commit) =>
            {
                writer.WriteInt32(commit.Index);
                writer.WriteError(error != ErrorCode.None ? error : Check(topic.Name, commit));
                writer.WriteNoTags();
            });
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static PartitionCommit ReadPartition(KafkaReader reader, short version)
    {
        int index = reader.ReadInt32("partition_index");
        long offset = reader.ReadInt64("committed_offset");
        int leaderEpoch = version >= 6 ? reader.ReadInt32("committed_leader_epoch") : -1;
        string? metadata = reader.ReadNullableString("committed_metadata");
        reader.SkipTags();
        return new(index, offset, leaderEpoch, metadata);
    }

    private ErrorCode Check(string topic, PartitionCommit commit) =>
        broker.Topics.Find(topic, commit.Index) is null ? ErrorCode.UnknownTopicOrPartition
        : GroupCoordinator.IsMetadataTooLarge(commit.Metadata) ? ErrorCode.OffsetMetadataTooLarge
        : ErrorCode.None;
}
