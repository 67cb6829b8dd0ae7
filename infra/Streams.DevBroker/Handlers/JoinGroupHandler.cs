using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>A consumer joins its group; the answer comes when the generation is complete.</summary>
internal sealed class JoinGroupHandler(BrokerState broker) : ApiHandler(ApiKey.JoinGroup, 0, 9, 6)
{
    public override async ValueTask HandleAsync(RequestContext context)
    {
        var (groupId, request) = Read(context);
        var result = await broker.Groups.Join(groupId, request).WaitAsync(context.Aborted);
        Write(context.Response, context.Version, result);
    }

    private static (string GroupId, JoinRequest Request) Read(RequestContext context)
    {
        var reader = context.Reader;
        short version = context.Version;
        string groupId = reader.ReadString("group_id");
        int sessionTimeout = reader.ReadInt32("session_timeout_ms");
        int rebalanceTimeout = version >= 1 ? reader.ReadInt32("rebalance_timeout_ms") : sessionTimeout;
        string memberId = reader.ReadString("member_id");
        string? instanceId = version >= 5 ? reader.ReadNullableString("group_instance_id") : null;
        string protocolType = reader.ReadString("protocol_type");
        var protocols = reader.ReadArray("protocols", static item =>
        {
            var protocol = new GroupProtocol(item.ReadString("name"), item.ReadBytes("metadata").ToArray());
            item.SkipTags();
            return protocol;
        });
        if (version >= 8)
            reader.ReadNullableString("reason");
        reader.SkipTags();
        return (groupId, new JoinRequest(
            memberId,
            instanceId,
            context.ClientId,
            context.ClientHost,
            sessionTimeout,
            Math.Max(0, rebalanceTimeout),
            protocolType,
            protocols,
            MustKnowItsId: version >= 4,
            CanSkipAssignment: version >= 9));
    }

    private static void Write(KafkaWriter writer, short version, JoinResult result)
    {
        if (version >= 2)
            writer.WriteInt32(0);
        writer.WriteError(result.Error);
        writer.WriteInt32(result.Generation);
        if (version >= 7)
            writer.WriteNullableString(result.ProtocolType);
        writer.WriteNullableString(version >= 7 ? result.ProtocolName : result.ProtocolName ?? string.Empty);
        writer.WriteString(result.Leader);
        if (version >= 9)
            writer.WriteBoolean(result.SkipAssignment);
        writer.WriteString(result.MemberId);
        writer.WriteArray(result.Members, (_, member) =>
        {
            writer.WriteString(member.Id);
            if (version >= 5)
                writer.WriteNullableString(member.InstanceId);
            writer.WriteBytes(member.Metadata);
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
    }
}
