using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Sets and removes single settings of a topic.</summary>
internal sealed class IncrementalAlterConfigsHandler(BrokerState broker) : ApiHandler(ApiKey.IncrementalAlterConfigs, 0, 1, 1)
{
    private const sbyte Set = 0;
    private const sbyte Remove = 1;

    private readonly record struct Change(string Name, sbyte Operation, string? Value);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        var resources = reader.ReadArray("resources", static item =>
        {
            var changes = (Resource: ConfigResource.Read(item), Changes: item.ReadArray("configs", ReadChange));
            item.SkipTags();
            return changes;
        });
        bool validateOnly = reader.ReadBoolean("validate_only");
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(resources, (_, item) =>
        {
            item.Resource.WriteResult(writer, Alter(item.Resource, item.Changes, validateOnly));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static Change ReadChange(KafkaReader reader)
    {
        var change = new Change(reader.ReadString("name"), reader.ReadInt8("config_operation"), reader.ReadNullableString("value"));
        reader.SkipTags();
        return change;
    }

    private (ErrorCode Error, string? Message) Alter(ConfigResource resource, List<Change> changes, bool validateOnly)
    {
        if (resource.CheckAlterable(broker) is { Error: not ErrorCode.None } refused)
            return refused;
        foreach (var change in changes)
        {
            if (change.Operation is not (Set or Remove))
                return (ErrorCode.InvalidConfig, $"{change.Name} is not a list: it can be set and removed, not appended to or subtracted from.");
            if (change.Operation == Set && change.Value is null)
                return (ErrorCode.InvalidConfig, $"{change.Name} cannot be set to null; remove it instead.");
        }

        return broker.Topics.Configure(resource.Name, current => Apply(current, changes), validateOnly);
    }

    private static Dictionary<string, string> Apply(IReadOnlyDictionary<string, string> current, List<Change> changes)
    {
        var settings = new Dictionary<string, string>(current, StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.Operation == Set)
                settings[change.Name] = change.Value!;
            else
                settings.Remove(change.Name);
        }

        return settings;
    }
}
