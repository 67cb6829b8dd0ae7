using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Makes partitions part of a producer's transaction: all that are named, or none.</summary>
internal sealed class AddPartitionsToTxnHandler(BrokerState broker) : ApiHandler(ApiKey.AddPartitionsToTxn, 0, 3, 3)
{
    private const short FirstVersionWithFenced = 2;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        string transactionalId = reader.ReadString("transactional_id");
        long producerId = reader.ReadInt64("producer_id");
        short producerEpoch = reader.ReadInt16("producer_epoch");
        var topics = reader.ReadArray("topics", static topic =>
        {
            var item = (Name: topic.ReadString("name"), Partitions: topic.ReadArray("partitions", static index => index.ReadInt32("partition")));
            topic.SkipTags();
            return item;
        });
        reader.SkipTags();

        var partitions = topics.SelectMany(topic => topic.Partitions.Select(index => new TopicPartition(topic.Name, index))).ToList();
        bool allExist = partitions.All(Exists);
        var error = allExist ? broker.Transactions.AddPartitions(transactionalId, producerId, producerEpoch, partitions) : ErrorCode.OperationNotAttempted;
        writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, index) =>
            {
                writer.WriteInt32(index);
                writer.WriteError(Exists(new(topic.Name, index)) ? error.ForProducers(context.Version, FirstVersionWithFenced) : ErrorCode.UnknownTopicOrPartition);
                writer.WriteNoTags();
            });
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private bool Exists(TopicPartition partition) => broker.Topics.Find(partition.Topic, partition.Partition) is not null;
}
