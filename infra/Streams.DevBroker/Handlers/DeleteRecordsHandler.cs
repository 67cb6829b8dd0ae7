using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Moves the start of logs forward; -1 empties them.</summary>
internal sealed class DeleteRecordsHandler(BrokerState broker) : ApiHandler(ApiKey.DeleteRecords, 0, 2, 2)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        var topics = reader.ReadArray("topics", static topic =>
        {
            string name = topic.ReadString("name");
            var partitions = topic.ReadArray("partitions", static item =>
            {
                var partition = (Index: item.ReadInt32("partition_index"), Offset: item.ReadInt64("offset"));
                item.SkipTags();
                return partition;
            });
            topic.SkipTags();
            return (Name: name, Partitions: partitions);
        });
        reader.ReadInt32("timeout_ms");
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, partition) =>
            {
                var (error, logStart) = broker.Topics.Find(topic.Name, partition.Index)?.DeleteRecordsBefore(partition.Offset)
                    ?? (ErrorCode.UnknownTopicOrPartition, -1);
                writer.WriteInt32(partition.Index);
                writer.WriteInt64(logStart);
                writer.WriteError(error);
                writer.WriteNoTags();
            });
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
