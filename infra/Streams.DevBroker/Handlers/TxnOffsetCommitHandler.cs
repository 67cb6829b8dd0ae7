using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Keeps the positions of a group aside until the transaction that they were sent to ends.</summary>
internal sealed class TxnOffsetCommitHandler(BrokerState broker) : ApiHandler(ApiKey.TxnOffsetCommit, 0, 4, 3)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        short version = context.Version;
        string transactionalId = reader.ReadString("transactional_id");
        string groupId = reader.ReadString("group_id");
        long producerId = reader.ReadInt64("producer_id");
        short producerEpoch = reader.ReadInt16("producer_epoch");
        int generation = version >= 3 ? reader.ReadInt32("generation_id") : -1;
        string memberId = version >= 3 ? reader.ReadString("member_id") : string.Empty;
        string? instanceId = version >= 3 ? reader.ReadNullableString("group_instance_id") : null;
        var topics = TopicCommit.ReadAll(reader, withLeaderEpoch: version >= 2);
        reader.SkipTags();

        var offsets = TopicCommit.Accepted(topics, broker);
        var error = groupId.Length == 0
            ? ErrorCode.InvalidGroupId
            : broker.Transactions.CommitOffsets(
                transactionalId, producerId, producerEpoch, groupId, () => broker.Groups.CommitPending(groupId, memberId, instanceId, generation, producerId, offsets));
        context.Response.WriteInt32(0);
        TopicCommit.WriteAll(context.Response, topics, broker, error);
        context.Response.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
