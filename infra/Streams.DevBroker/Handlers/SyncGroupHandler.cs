using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>The leader brings the assignment, everybody takes their part of it.</summary>
internal sealed class SyncGroupHandler(BrokerState broker) : ApiHandler(ApiKey.SyncGroup, 0, 5, 4)
{
    public override async ValueTask HandleAsync(RequestContext context)
    {
        var (groupId, request) = Read(context.Reader, context.Version);
        var result = groupId.Length == 0 ? SyncResult.Failed(ErrorCode.InvalidGroupId)
            : broker.Groups.Find(groupId) is { } group ? await group.Sync(request).WaitAsync(context.Aborted)
            : SyncResult.Failed(ErrorCode.UnknownMemberId);
        Write(context.Response, context.Version, result);
    }

    private static (string GroupId, SyncRequest Request) Read(KafkaReader reader, short version)
    {
        string groupId = reader.ReadString("group_id");
        int generation = reader.ReadInt32("generation_id");
        string memberId = reader.ReadString("member_id");
        string? instanceId = version >= 3 ? reader.ReadNullableString("group_instance_id") : null;
        string? protocolType = version >= 5 ? reader.ReadNullableString("protocol_type") : null;
        string? protocolName = version >= 5 ? reader.ReadNullableString("protocol_name") : null;
        var assignments = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        reader.ReadArray("assignments", item =>
        {
            assignments[item.ReadString("member_id")] = item.ReadBytes("assignment").ToArray();
            item.SkipTags();
            return true;
        });
        reader.SkipTags();
        return (groupId, new SyncRequest(generation, memberId, instanceId, protocolType, protocolName, assignments));
    }

    private static void Write(KafkaWriter writer, short version, SyncResult result)
    {
        if (version >= 1)
            writer.WriteInt32(0);
        writer.WriteError(result.Error);
        if (version >= 5)
        {
            writer.WriteNullableString(result.ProtocolType);
            writer.WriteNullableString(result.ProtocolName);
        }

        writer.WriteBytes(result.Assignment);
        writer.WriteNoTags();
    }
}
