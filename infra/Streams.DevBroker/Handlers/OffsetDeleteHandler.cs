using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Deletes single positions of a group; refused while the group has members, which may be reading there.</summary>
internal sealed class OffsetDeleteHandler(BrokerState broker) : ApiHandler(ApiKey.OffsetDelete, 0, 0, NeverFlexible)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        string groupId = reader.ReadString("group_id");
        var topics = reader.ReadArray("topics", static topic =>
            (Name: topic.ReadString("name"), Partitions: topic.ReadArray("partitions", static item => item.ReadInt32("partition_index"))));

        var group = broker.Groups.Find(groupId);
        bool inUse = group?.HasMembers == true;
        if (group is not null && !inUse)
            broker.Offsets.Remove(groupId, topics.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition))));
        writer.WriteError(group is null ? ErrorCode.GroupIdNotFound : ErrorCode.None);
        writer.WriteInt32(0);
        writer.WriteArray(group is null ? [] : topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, partition) =>
            {
                writer.WriteInt32(partition);
                writer.WriteError(inUse ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None);
            });
        });
        return ValueTask.CompletedTask;
    }
}
