using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Members leave: one in old versions, several since version 3.</summary>
internal sealed class LeaveGroupHandler(BrokerState broker) : ApiHandler(ApiKey.LeaveGroup, 0, 5, 4)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        string groupId = reader.ReadString("group_id");
        List<(string Id, string? InstanceId)> members = version >= 3
            ? reader.ReadArray("members", item => ReadMember(item, version))
            : [(reader.ReadString("member_id"), null)];
        reader.SkipTags();

        var group = broker.Groups.Find(groupId);
        var results = members.ConvertAll(member => (member, Error: group?.Leave(member.Id, member.InstanceId) ?? ErrorCode.UnknownMemberId));
        if (version >= 1)
            writer.WriteInt32(0);
        writer.WriteError(version >= 3 ? ErrorCode.None : results[0].Error);
        if (version >= 3)
        {
            writer.WriteArray(results, (_, result) =>
            {
                writer.WriteString(result.member.Id);
                writer.WriteNullableString(result.member.InstanceId);
                writer.WriteError(result.Error);
                writer.WriteNoTags();
            });
        }

        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static (string Id, string? InstanceId) ReadMember(KafkaReader reader, short version)
    {
        var member = (reader.ReadString("member_id"), reader.ReadNullableString("group_instance_id"));
        if (version >= 5)
            reader.ReadNullableString("reason");
        reader.SkipTags();
        return member;
    }
}
