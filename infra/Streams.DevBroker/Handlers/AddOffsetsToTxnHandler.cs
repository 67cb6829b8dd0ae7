using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Makes the offsets of a group part of a producer's transaction.</summary>
internal sealed class AddOffsetsToTxnHandler(BrokerState broker) : ApiHandler(ApiKey.AddOffsetsToTxn, 0, 4, 3)
{
    private const short FirstVersionWithFenced = 2;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        string transactionalId = reader.ReadString("transactional_id");
        long producerId = reader.ReadInt64("producer_id");
        short producerEpoch = reader.ReadInt16("producer_epoch");
        string groupId = reader.ReadString("group_id");
        reader.SkipTags();

        var error = groupId.Length == 0 ? ErrorCode.InvalidGroupId : broker.Transactions.AddGroup(transactionalId, producerId, producerEpoch, groupId);
        context.Response.WriteInt32(0);
        context.Response.WriteError(error.ForProducers(context.Version, FirstVersionWithFenced));
        context.Response.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
