using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Gives topics more partitions.</summary>
internal sealed class CreatePartitionsHandler(BrokerState broker) : ApiHandler(ApiKey.CreatePartitions, 0, 3, 2)
{
    private readonly record struct Growth(string Name, int Count, List<List<int>>? Assignments);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        var topics = reader.ReadArray("topics", ReadTopic);
        reader.ReadInt32("timeout_ms");
        bool validateOnly = reader.ReadBoolean("validate_only");
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) =>
        {
            bool misassigned = topic.Assignments?.Any(brokers => brokers is not [BrokerState.NodeId]) == true;
            var (error, message) = misassigned
                ? (ErrorCode.InvalidReplicaAssignment, $"New partitions must be assigned to broker {BrokerState.NodeId}, the only one.")
                : broker.Topics.AddPartitions(topic.Name, topic.Count, validateOnly);
            writer.WriteString(topic.Name);
            writer.WriteError(error);
            writer.WriteNullableString(message);
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static Growth ReadTopic(KafkaReader reader)
    {
        string name = reader.ReadString("name");
        int count = reader.ReadInt32("count");
        var assignments = reader.ReadNullableArray("assignments", static item =>
        {
            var brokers = item.ReadArray("broker_ids", static id => id.ReadInt32("broker_id"));
            item.SkipTags();
            return brokers;
        });
        reader.SkipTags();
        return new(name, count, assignments);
    }
}
