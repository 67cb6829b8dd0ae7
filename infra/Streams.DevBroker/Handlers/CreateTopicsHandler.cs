using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;
using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Handlers;

/// <summary>Creates topics.</summary>
internal sealed class CreateTopicsHandler(BrokerState broker) : ApiHandler(ApiKey.CreateTopics, 0, 7, 5)
{
    private const int UseDefault = -1;

    private sealed record NewTopic(
        string Name, int Partitions, short ReplicationFactor, List<(int Partition, List<int> Brokers)> Assignments, List<KeyValuePair<string, string?>> Configs);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        var topics = reader.ReadArray("topics", ReadTopic);
        reader.ReadInt32("timeout_ms");
        bool validateOnly = version >= 1 && reader.ReadBoolean("validate_only");
        reader.SkipTags();

        if (version >= 2)
            writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            var (error, message, created) = context.MayUse(topic.Name) ? Create(topic, validateOnly)
                : (ErrorCode.TopicAuthorizationFailed, $"The user may not create {topic.Name}.", null);
            WriteResult(writer, version, topic.Name, error, message, error == ErrorCode.None ? created : null, topic);
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static NewTopic ReadTopic(KafkaReader reader)
    {
        string name = reader.ReadString("name");
        int partitions = reader.ReadInt32("num_partitions");
        short factor = reader.ReadInt16("replication_factor");
        var assignments = reader.ReadArray("assignments", static item =>
        {
            int partition = item.ReadInt32("partition_index");
            var brokers = item.ReadArray("broker_ids", static id => id.ReadInt32("broker_id"));
            item.SkipTags();
            return (partition, brokers);
        });
        var configs = reader.ReadArray("configs", static item =>
        {
            var config = KeyValuePair.Create(item.ReadString("name"), item.ReadNullableString("value"));
            item.SkipTags();
            return config;
        });
        reader.SkipTags();
        return new(name, partitions, factor, assignments, configs);
    }

    private (ErrorCode Error, string? Message, Topic? Topic) Create(NewTopic topic, bool validateOnly)
    {
        if (topic.Assignments.Count > 0)
        {
            bool wellFormed = topic.Assignments.Select(assignment => assignment.Partition).Order().SequenceEqual(Enumerable.Range(0, topic.Assignments.Count))
                && topic.Assignments.All(assignment => assignment.Brokers is [BrokerState.NodeId]);
            if (!wellFormed)
                return (ErrorCode.InvalidReplicaAssignment, $"Partitions must be numbered from 0 and assigned to broker {BrokerState.NodeId}, the only one.", null);
        }
        else if (topic.ReplicationFactor is not (UseDefault or 1))
        {
            return (ErrorCode.InvalidReplicationFactor, $"Replication factor {topic.ReplicationFactor} is larger than the number of brokers, 1.", null);
        }

        int partitions = topic.Assignments.Count > 0 ? topic.Assignments.Count
            : topic.Partitions == UseDefault ? broker.Options.DefaultPartitions
            : topic.Partitions;
        var settings = topic.Configs.Where(config => config.Value is not null).ToDictionary(config => config.Key, config => config.Value!);
        return broker.Topics.Create(topic.Name, partitions, settings, validateOnly);
    }

    private static void WriteResult(KafkaWriter writer, short version, string name, ErrorCode error, string? message, Topic? created, NewTopic asked)
    {
        writer.WriteString(name);
        if (version >= 7)
            writer.WriteUuid(created?.Id ?? Guid.Empty);
        writer.WriteError(error);
        if (version >= 1)
            writer.WriteNullableString(message);
        if (version >= 5)
        {
            int validated = asked.Assignments.Count > 0 ? asked.Assignments.Count : asked.Partitions;
            writer.WriteInt32(created is null ? -1 : created.Partitions.Count > 0 ? created.Partitions.Count : validated);
            writer.WriteInt16((short)(created is null ? -1 : 1));
            WriteConfigs(writer, created?.Config);
        }

        writer.WriteNoTags();
    }

    private static void WriteConfigs(KafkaWriter writer, TopicConfig? config)
    {
        writer.WriteArray(config is null ? [] : TopicConfig.Names, (_, name) =>
        {
            writer.WriteString(name);
            writer.WriteNullableString(config!.ValueOf(name));
            writer.WriteBoolean(false);
            writer.WriteInt8(ConfigSource.Of(config, name));
            writer.WriteBoolean(false);
            writer.WriteNoTags();
        });
    }
}
