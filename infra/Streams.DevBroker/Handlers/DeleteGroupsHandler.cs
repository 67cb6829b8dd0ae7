using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Deletes groups that have no members, with their offsets.</summary>
internal sealed class DeleteGroupsHandler(BrokerState broker) : ApiHandler(ApiKey.DeleteGroups, 0, 2, 2)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var writer = context.Response;
        var ids = context.Reader.ReadArray("groups_names", static item => item.ReadString("group_name"));
        context.Reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(ids, (_, id) =>
        {
            writer.WriteString(id);
            writer.WriteError(broker.Groups.Delete(id));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
