using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells which producers wrote to a partition, and where the transactions that are open there began.</summary>
internal sealed class DescribeProducersHandler(BrokerState broker) : ApiHandler(ApiKey.DescribeProducers, 0, 0, 0)
{
    private const int CoordinatorEpoch = 0;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        var topics = reader.ReadArray("topics", static topic =>
        {
            var item = (Name: topic.ReadString("name"), Partitions: topic.ReadArray("partition_indexes", static index => index.ReadInt32("partition_index")));
            topic.SkipTags();
            return item;
        });
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, partition) => Write(writer, partition, broker.Topics.Find(topic.Name, partition)));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static void Write(KafkaWriter writer, int partition, PartitionLog? log)
    {
        writer.WriteInt32(partition);
        writer.WriteError(log is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        writer.WriteNullableString(null);
        writer.WriteArray(log?.DescribeProducers() ?? [], static (target, producer) =>
        {
            target.WriteInt64(producer.ProducerId);
            target.WriteInt32(producer.Epoch);
            target.WriteInt32(producer.LastSequence);
            target.WriteInt64(producer.LastWriteMs);
            target.WriteInt32(CoordinatorEpoch);
            target.WriteInt64(producer.TransactionStart);
            target.WriteNoTags();
        });
        writer.WriteNoTags();
    }
}
