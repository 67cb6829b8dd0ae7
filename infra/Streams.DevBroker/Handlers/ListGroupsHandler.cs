using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Lists the consumer groups, by state and type if asked.</summary>
internal sealed class ListGroupsHandler(BrokerState broker) : ApiHandler(ApiKey.ListGroups, 0, 5, 3)
{
    private const string ClassicType = "classic";

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        List<string> states = version >= 4 ? reader.ReadArray("states_filter", static item => item.ReadString("state")) : [];
        List<string> types = version >= 5 ? reader.ReadArray("types_filter", static item => item.ReadString("type")) : [];
        reader.SkipTags();

        var groups = broker.Groups.All
            .Select(group => (group.Id, Description: group.Describe()))
            .Where(group => states.Count == 0 || states.Contains(group.Description.State, StringComparer.OrdinalIgnoreCase))
            .Where(_ => types.Count == 0 || types.Contains(ClassicType, StringComparer.OrdinalIgnoreCase))
            .ToList();
        if (version >= 1)
            writer.WriteInt32(0);
        writer.WriteError(ErrorCode.None);
        writer.WriteArray(groups, (_, group) =>
        {
            writer.WriteString(group.Id);
            writer.WriteString(group.Description.ProtocolType);
            if (version >= 4)
                writer.WriteString(group.Description.State);
            if (version >= 5)
                writer.WriteString(ClassicType);
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
