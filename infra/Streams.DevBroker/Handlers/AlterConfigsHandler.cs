using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Replaces all settings of a topic.</summary>
internal sealed class AlterConfigsHandler(BrokerState broker) : ApiHandler(ApiKey.AlterConfigs, 0, 2, 2)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        var changes = reader.ReadArray("resources", static item =>
        {
            var resource = ConfigResource.Read(item);
            var settings = new Dictionary<string, string>(StringComparer.Ordinal);
            item.ReadArray("configs", config =>
            {
                string name = config.ReadString("name");
                if (config.ReadNullableString("value") is { } value)
                    settings[name] = value;
                config.SkipTags();
                return true;
            });
            item.SkipTags();
            return (Resource: resource, Settings: settings);
        });
        bool validateOnly = reader.ReadBoolean("validate_only");
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(changes, (_, change) =>
        {
            var result = change.Resource.CheckAlterable(broker);
            if (result.Error == ErrorCode.None)
                result = broker.Topics.Configure(change.Resource.Name, _ => change.Settings, validateOnly);
            change.Resource.WriteResult(writer, result);
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
