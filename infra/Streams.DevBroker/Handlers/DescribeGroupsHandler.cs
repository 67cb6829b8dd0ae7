using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells the members of groups and what they are assigned. A group that does not exist is described as dead.</summary>
internal sealed class DescribeGroupsHandler(BrokerState broker) : ApiHandler(ApiKey.DescribeGroups, 0, 5, 5)
{
    private static readonly GroupDescription s_dead = new(nameof(GroupState.Dead), string.Empty, string.Empty, []);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        var ids = reader.ReadArray("groups", static item => item.ReadString("group"));
        bool withOperations = version >= 3 && reader.ReadBoolean("include_authorized_operations");
        reader.SkipTags();

        if (version >= 1)
            writer.WriteInt32(0);
        writer.WriteArray(ids, (_, id) =>
        {
            var group = broker.Groups.Find(id)?.Describe() ?? s_dead;
            writer.WriteError(ErrorCode.None);
            writer.WriteString(id);
            writer.WriteString(group.State);
            writer.WriteString(group.ProtocolType);
            writer.WriteString(group.Protocol);
            writer.WriteArray(group.Members, (_, member) => WriteMember(writer, version, member));
            if (version >= 3)
                writer.WriteInt32(withOperations ? AllOperations : OperationsNotAsked);
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static void WriteMember(KafkaWriter writer, short version, MemberDescription member)
    {
        writer.WriteString(member.Id);
        if (version >= 4)
            writer.WriteNullableString(member.InstanceId);
        writer.WriteString(member.ClientId);
        writer.WriteString("/" + member.ClientHost);
        writer.WriteBytes(member.Metadata);
        writer.WriteBytes(member.Assignment);
        writer.WriteNoTags();
    }
}
