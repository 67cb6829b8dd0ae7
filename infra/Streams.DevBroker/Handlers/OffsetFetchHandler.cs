using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells the positions that groups committed: of the partitions asked for, or of all.</summary>
internal sealed class OffsetFetchHandler(BrokerState broker) : ApiHandler(ApiKey.OffsetFetch, 1, 8, 6)
{
    private const long NothingCommitted = -1;

    private sealed record TopicQuery(string Name, List<int> Partitions);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        List<(string Group, List<TopicQuery>? Topics)> queries = version >= 8
            ? reader.ReadArray("groups", static item =>
            {
                var query = (item.ReadString("group_id"), item.ReadNullableArray("topics", ReadTopic));
                item.SkipTags();
                return query;
            })
            : [(reader.ReadString("group_id"), reader.ReadNullableArray("topics", ReadTopic))];
        bool requireStable = version >= 7 && reader.ReadBoolean("require_stable");
        reader.SkipTags();

        if (version >= 3)
            writer.WriteInt32(0);
        if (version <= 7)
        {
            WriteTopics(writer, version, queries[0].Group, queries[0].Topics, requireStable);
            if (version >= 2)
                writer.WriteError(ErrorCode.None);
        }
        else
        {
            writer.WriteArray(queries, (_, query) =>
            {
                writer.WriteString(query.Group);
                WriteTopics(writer, version, query.Group, query.Topics, requireStable);
                writer.WriteError(ErrorCode.None);
                writer.WriteNoTags();
            });
        }

        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static TopicQuery ReadTopic(KafkaReader reader)
    {
        var query = new TopicQuery(reader.ReadString("name"), reader.ReadArray("partition_indexes", static item => item.ReadInt32("partition_index")));
        reader.SkipTags();
        return query;
    }

    private void WriteTopics(KafkaWriter writer, short version, string group, List<TopicQuery>? topics, bool requireStable)
    {
        topics ??= [.. broker.Offsets.All(group)
            .GroupBy(offset => offset.Key.Topic, offset => offset.Key.Partition)
            .Select(topic => new TopicQuery(topic.Key, [.. topic]))];
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, partition) => WritePartition(writer, version, group, new(topic.Name, partition), requireStable));
            writer.WriteNoTags();
        });
    }

    private void WritePartition(KafkaWriter writer, short version, string group, TopicPartition partition, bool requireStable)
    {
        // A reader of committed records must not start where a transaction may yet move the position: it asks again.
        bool unstable = requireStable && broker.Offsets.IsPending(group, partition);
        CommittedOffset committed = default;
        bool found = !unstable && broker.Offsets.TryGet(group, partition, out committed);
        writer.WriteInt32(partition.Partition);
        writer.WriteInt64(found ? committed.Offset : NothingCommitted);
        if (version >= 5)
            writer.WriteInt32(found ? committed.LeaderEpoch : -1);
        writer.WriteNullableString(found ? committed.Metadata : string.Empty);
        writer.WriteError(unstable ? ErrorCode.UnstableOffsetCommit : ErrorCode.None);
        writer.WriteNoTags();
    }
}
