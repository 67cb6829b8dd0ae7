using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells where a leader's epoch ended: the only one there is has not, so at the end of the log.</summary>
internal sealed class OffsetForLeaderEpochHandler(BrokerState broker) : ApiHandler(ApiKey.OffsetForLeaderEpoch, 2, 4, 4)
{
    private readonly record struct EpochQuery(int Partition, int CurrentLeaderEpoch, int LeaderEpoch);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        if (context.Version >= 3)
            reader.ReadInt32("replica_id");
        var topics = reader.ReadArray("topics", static topic =>
        {
            string name = topic.ReadString("topic");
            var partitions = topic.ReadArray("partitions", static item =>
            {
                var query = new EpochQuery(item.ReadInt32("partition"), item.ReadInt32("current_leader_epoch"), item.ReadInt32("leader_epoch"));
                item.SkipTags();
                return query;
            });
            topic.SkipTags();
            return (Name: name, Partitions: partitions);
        });
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, query) => WriteAnswer(writer, topic.Name, query));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private void WriteAnswer(KafkaWriter writer, string topic, EpochQuery query)
    {
        var log = broker.Topics.Find(topic, query.Partition);
        var error = log is null ? ErrorCode.UnknownTopicOrPartition
            : query.CurrentLeaderEpoch > PartitionLog.LeaderEpoch ? ErrorCode.UnknownLeaderEpoch
            : ErrorCode.None;
        bool known = error == ErrorCode.None && query.LeaderEpoch == PartitionLog.LeaderEpoch;
        writer.WriteError(error);
        writer.WriteInt32(query.Partition);
        writer.WriteInt32(known ? PartitionLog.LeaderEpoch : -1);
        writer.WriteInt64(known ? log!.HighWatermark : -1);
        writer.WriteNoTags();
    }
}
