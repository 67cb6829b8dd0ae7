using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells who coordinates a consumer group or a transactional id: this broker.</summary>
internal sealed class FindCoordinatorHandler(BrokerState broker) : ApiHandler(ApiKey.FindCoordinator, 0, 4, 3)
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        string? single = version <= 3 ? reader.ReadString("key") : null;
        sbyte type = version >= 1 ? reader.ReadInt8("key_type") : GroupKey;
        List<string> keys = single is not null ? [single] : reader.ReadArray("coordinator_keys", static item => item.ReadString("coordinator_key"));
        reader.SkipTags();

        var (error, message) = type switch
        {
            GroupKey or TransactionKey => (ErrorCode.None, (string?)null),
            _ => (ErrorCode.InvalidRequest, $"Coordinator key type {type} is not known."),
        };
        if (version >= 1)
            writer.WriteInt32(0);
        if (version <= 3)
        {
            writer.WriteError(error);
            if (version >= 1)
                writer.WriteNullableString(message);
            WriteNode(writer, error);
        }
        else
        {
            writer.WriteArray(keys, (_, key) =>
            {
                writer.WriteString(key);
                WriteNode(writer, error);
                writer.WriteError(error);
                writer.WriteNullableString(message);
                writer.WriteNoTags();
            });
        }

        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private void WriteNode(KafkaWriter writer, ErrorCode error)
    {
        if (error == ErrorCode.None)
        {
            BrokerEndpoint.Write(writer, broker, withRack: false);
            return;
        }

        writer.WriteInt32(-1);
        writer.WriteString(string.Empty);
        writer.WriteInt32(-1);
    }
}
