using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells operators what single transactional ids are doing.</summary>
internal sealed class DescribeTransactionsHandler(BrokerState broker) : ApiHandler(ApiKey.DescribeTransactions, 0, 0, 0)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        var ids = reader.ReadArray("transactional_ids", static item => item.ReadString("transactional_id"));
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(ids, (_, id) => Write(writer, id, broker.Transactions.Find(id)));
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static void Write(KafkaWriter writer, string id, TransactionMetadata? found)
    {
        var shown = found ?? new TransactionMetadata { TransactionalId = id };
        writer.WriteError(found is null ? ErrorCode.TransactionalIdNotFound : ErrorCode.None);
        writer.WriteString(id);
        writer.WriteString(found is null ? string.Empty : shown.State.ToString());
        writer.WriteInt32(shown.TimeoutMs);
        writer.WriteInt64(shown.StartMs);
        writer.WriteInt64(shown.ProducerId);
        writer.WriteInt16(shown.ProducerEpoch);
        writer.WriteArray([.. shown.Partitions.GroupBy(partition => partition.Topic, partition => partition.Partition)], (_, topic) =>
        {
            writer.WriteString(topic.Key);
            writer.WriteArray([.. topic.Order()], (_, partition) => writer.WriteInt32(partition));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
    }
}
