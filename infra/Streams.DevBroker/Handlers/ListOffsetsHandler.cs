using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Finds offsets: the first, the one after the last, the first from a time on, the one with the largest time.</summary>
internal sealed class ListOffsetsHandler(BrokerState broker) : ApiHandler(ApiKey.ListOffsets, 1, 7, 6)
{
    private const sbyte ReadCommitted = 1;
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;

    private readonly record struct PartitionQuery(int Index, int CurrentLeaderEpoch, long Timestamp);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        reader.ReadInt32("replica_id");
        bool committedOnly = version >= 2 && reader.ReadInt8("isolation_level") == ReadCommitted;
        var topics = reader.ReadArray("topics", topic =>
        {
            string name = topic.ReadString("name");
            var partitions = topic.ReadArray("partitions", item => ReadPartition(item, version));
            topic.SkipTags();
            return (Name: name, Partitions: partitions);
        });
        reader.SkipTags();

        if (version >= 2)
            writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, query) => WriteAnswer(context, topic.Name, query, committedOnly));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static PartitionQuery ReadPartition(KafkaReader reader, short version)
    {
        int index = reader.ReadInt32("partition_index");
        int leaderEpoch = version >= 4 ? reader.ReadInt32("current_leader_epoch") : -1;
        long timestamp = reader.ReadInt64("timestamp");
        reader.SkipTags();
        return new(index, leaderEpoch, timestamp);
    }

    private void WriteAnswer(RequestContext context, string topic, PartitionQuery query, bool committedOnly)
    {
        var (writer, version) = (context.Response, context.Version);
        var log = broker.Topics.Find(topic, query.Index);
        var error = !context.MayUse(topic) ? ErrorCode.TopicAuthorizationFailed
            : log is null ? ErrorCode.UnknownTopicOrPartition
            : query.CurrentLeaderEpoch > PartitionLog.LeaderEpoch ? ErrorCode.UnknownLeaderEpoch
            : query.Timestamp < MaxTimestamp || (query.Timestamp == MaxTimestamp && version < 7) ? ErrorCode.UnsupportedVersion
            : ErrorCode.None;
        var (offset, timestamp) = error == ErrorCode.None ? Find(log!, query.Timestamp, committedOnly) : (-1, -1);
        writer.WriteInt32(query.Index);
        writer.WriteError(error);
        writer.WriteInt64(timestamp);
        writer.WriteInt64(offset);
        if (version >= 4)
            writer.WriteInt32(offset < 0 ? -1 : PartitionLog.LeaderEpoch);
        writer.WriteNoTags();
    }

    private static (long Offset, long Timestamp) Find(PartitionLog log, long timestamp, bool committedOnly)
    {
        var found = timestamp switch
        {
            Latest => (committedOnly ? log.LastStableOffset : log.HighWatermark, -1),
            Earliest => (log.LogStart, -1),
            MaxTimestamp => log.OffsetOfMaxTimestamp(),
            _ => log.OffsetForTimestamp(timestamp),
        };
        // What an open transaction hides is not there for readers of committed records.
        return committedOnly && timestamp is not (Latest or Earliest) && found.Offset >= log.LastStableOffset ? (-1, -1) : found;
    }
}
