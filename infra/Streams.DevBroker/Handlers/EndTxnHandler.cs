using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Commits or aborts a producer's transaction. It has ended everywhere when this is answered.</summary>
internal sealed class EndTxnHandler(BrokerState broker) : ApiHandler(ApiKey.EndTxn, 0, 4, 3)
{
    private const short FirstVersionWithFenced = 2;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        string transactionalId = reader.ReadString("transactional_id");
        long producerId = reader.ReadInt64("producer_id");
        short producerEpoch = reader.ReadInt16("producer_epoch");
        bool committed = reader.ReadBoolean("committed");
        reader.SkipTags();

        var error = broker.Transactions.End(transactionalId, producerId, producerEpoch, committed);
        context.Response.WriteInt32(0);
        context.Response.WriteError(error.ForProducers(context.Version, FirstVersionWithFenced));
        context.Response.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
