using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;
using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells the broker's address and the topics with their partitions; creates unknown topics when asked and allowed.</summary>
internal sealed class MetadataHandler(BrokerState broker) : ApiHandler(ApiKey.Metadata, 0, 12, 9)
{
    private static readonly int[] s_self = [BrokerState.NodeId];

    private readonly record struct Asked(Guid Id, string? Name);

    private readonly record struct Answer(ErrorCode Error, string? Name, Guid Id, Topic? Topic);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        short version = context.Version;
        var asked = reader.ReadNullableArray("topics", item => ReadTopic(item, version));
        // In version 0 an empty list stood for all topics; since then null does.
        bool all = asked is null || (version == 0 && asked.Count == 0);
        bool create = version < 4 || reader.ReadBoolean("allow_auto_topic_creation");
        bool withClusterOperations = version is >= 8 and <= 10 && reader.ReadBoolean("include_cluster_authorized_operations");
        bool withTopicOperations = version >= 8 && reader.ReadBoolean("include_topic_authorized_operations");
        reader.SkipTags();

        List<Answer> answers = all
            ? [.. broker.Topics.All.Where(topic => context.MayUse(topic.Name)).Select(topic => new Answer(ErrorCode.None, topic.Name, topic.Id, topic))]
            : [.. asked!.Select(topic => Resolve(context, topic, create))];
        Write(context.Response, version, answers, Operations(withTopicOperations), Operations(withClusterOperations));
        return ValueTask.CompletedTask;
    }

    private static int Operations(bool asked) => asked ? AllOperations : OperationsNotAsked;

    private static Asked ReadTopic(KafkaReader reader, short version)
    {
        var id = version >= 10 ? reader.ReadUuid("topic_id") : Guid.Empty;
        string? name = version >= 10 ? reader.ReadNullableString("name") : reader.ReadString("name");
        reader.SkipTags();
        return new(id, name);
    }

    private Answer Resolve(RequestContext context, Asked asked, bool create)
    {
        if (asked.Name is null)
        {
            return broker.Topics.Find(asked.Id) is { } byId && context.MayUse(byId.Name)
                ? new(ErrorCode.None, byId.Name, byId.Id, byId)
                : new(ErrorCode.UnknownTopicId, null, asked.Id, null);
        }

        if (!context.MayUse(asked.Name))
            return new(ErrorCode.TopicAuthorizationFailed, asked.Name, Guid.Empty, null);
        var topic = broker.Topics.Find(asked.Name);
        if (topic is null && TopicCatalog.NameProblem(asked.Name) is not null)
            return new(ErrorCode.InvalidTopic, asked.Name, Guid.Empty, null);
        if (topic is null && create && broker.Options.AutoCreateTopics)
            topic = broker.Topics.Create(asked.Name, broker.Options.DefaultPartitions, new Dictionary<string, string>()).Topic;
        return topic is null
            ? new(ErrorCode.UnknownTopicOrPartition, asked.Name, Guid.Empty, null)
            : new(ErrorCode.None, topic.Name, topic.Id, topic);
    }

    private void Write(KafkaWriter writer, short version, List<Answer> answers, int topicOperations, int clusterOperations)
    {
        if (version >= 3)
            writer.WriteInt32(0);
        writer.WriteArrayLength(1);
        BrokerEndpoint.Write(writer, broker, withRack: version >= 1);
        writer.WriteNoTags();
        if (version >= 2)
            writer.WriteNullableString(broker.ClusterId);
        if (version >= 1)
            writer.WriteInt32(BrokerState.NodeId);
        writer.WriteArray(answers, (target, answer) =>
        {
            target.WriteError(answer.Error);
            target.WriteNullableString(version >= 12 ? answer.Name : answer.Name ?? string.Empty);
            if (version >= 10)
                target.WriteUuid(answer.Id);
            if (version >= 1)
                target.WriteBoolean(false);
            WritePartitions(target, version, answer.Topic?.Partitions.Count ?? 0);
            if (version >= 8)
                target.WriteInt32(topicOperations);
            target.WriteNoTags();
        });
        if (version is >= 8 and <= 10)
            writer.WriteInt32(clusterOperations);
        writer.WriteNoTags();
    }

    private static void WritePartitions(KafkaWriter writer, short version, int count)
    {
        writer.WriteArrayLength(count);
        for (int partition = 0; partition < count; partition++)
        {
            writer.WriteError(ErrorCode.None);
            writer.WriteInt32(partition);
            writer.WriteInt32(BrokerState.NodeId);
            if (version >= 7)
                writer.WriteInt32(Log.PartitionLog.LeaderEpoch);
            writer.WriteArray(s_self, (target, node) => target.WriteInt32(node));
            writer.WriteArray(s_self, (target, node) => target.WriteInt32(node));
            if (version >= 5)
                writer.WriteArrayLength(0);
            writer.WriteNoTags();
        }
    }
}
