using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker.Handlers;

/// <summary>Gives idempotent producers their id, and transactional ones the id and epoch that go with their name.</summary>
internal sealed class InitProducerIdHandler(BrokerState broker) : ApiHandler(ApiKey.InitProducerId, 0, 5, 2)
{
    private const short FirstVersionWithFenced = 4;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        string? transactionalId = reader.ReadNullableString("transactional_id");
        int timeoutMs = reader.ReadInt32("transaction_timeout_ms");
        long producerId = context.Version >= 3 ? reader.ReadInt64("producer_id") : -1;
        short producerEpoch = context.Version >= 3 ? reader.ReadInt16("producer_epoch") : (short)-1;
        reader.SkipTags();

        var result = (producerId < 0) != (producerEpoch < 0) ? InitResult.Failed(ErrorCode.InvalidRequest)
            // A producer that is not transactional and wants a fresh epoch gets a fresh id, as from Kafka.
            : transactionalId is null ? new InitResult(ErrorCode.None, broker.ProducerIds.Next(), 0)
            : broker.Transactions.Init(transactionalId, timeoutMs, producerId, producerEpoch);
        writer.WriteInt32(0);
        writer.WriteError(result.Error.ForProducers(context.Version, FirstVersionWithFenced));
        writer.WriteInt64(result.ProducerId);
        writer.WriteInt16(result.ProducerEpoch);
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
