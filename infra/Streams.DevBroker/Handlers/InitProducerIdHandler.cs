using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Gives idempotent producers their id. Transactions are refused with an error that clients treat as final.</summary>
internal sealed class InitProducerIdHandler(BrokerState broker) : ApiHandler(ApiKey.InitProducerId, 0, 4, 2)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        string? transactionalId = reader.ReadNullableString("transactional_id");
        reader.ReadInt32("transaction_timeout_ms");
        if (context.Version >= 3)
        {
            // A producer that wants a fresh epoch gets a fresh id, as from Kafka when it is not transactional.
            reader.ReadInt64("producer_id");
            reader.ReadInt16("producer_epoch");
        }

        reader.SkipTags();
        bool refused = transactionalId is not null;
        if (refused)
            broker.Logger.TransactionsRefused(transactionalId!, context.ClientId);
        writer.WriteInt32(0);
        writer.WriteError(refused ? ErrorCode.TransactionalIdAuthorizationFailed : ErrorCode.None);
        writer.WriteInt64(refused ? -1 : broker.ProducerIds.Next());
        writer.WriteInt16((short)(refused ? -1 : 0));
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
