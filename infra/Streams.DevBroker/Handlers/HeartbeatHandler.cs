using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>A member says that it lives, and hears whether its group rebalances.</summary>
internal sealed class HeartbeatHandler(BrokerState broker) : ApiHandler(ApiKey.Heartbeat, 0, 4, 4)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        string groupId = reader.ReadString("group_id");
        int generation = reader.ReadInt32("generation_id");
        string memberId = reader.ReadString("member_id");
        string? instanceId = context.Version >= 3 ? reader.ReadNullableString("group_instance_id") : null;
        reader.SkipTags();

        if (context.Version >= 1)
            context.Response.WriteInt32(0);
        context.Response.WriteError(broker.Groups.Find(groupId)?.Heartbeat(memberId, instanceId, generation) ?? ErrorCode.UnknownMemberId);
        context.Response.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
