using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Stores the positions of a group.</summary>
internal sealed class OffsetCommitHandler(BrokerState broker) : ApiHandler(ApiKey.OffsetCommit, 2, 8, 8)
{
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
        var topics = TopicCommit.ReadAll(reader, withLeaderEpoch: version >= 6);
        reader.SkipTags();

        var error = groupId.Length == 0
            ? ErrorCode.InvalidGroupId
            : broker.Groups.Commit(groupId, memberId, instanceId, generation, TopicCommit.Accepted(topics, broker));
        if (version >= 3)
            context.Response.WriteInt32(0);
        TopicCommit.WriteAll(context.Response, topics, broker, error);
        context.Response.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
