using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Deletes topics by name or, since version 6, by id.</summary>
internal sealed class DeleteTopicsHandler(BrokerState broker) : ApiHandler(ApiKey.DeleteTopics, 0, 6, 4)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        var topics = version >= 6
            ? reader.ReadArray("topics", ReadTopic)
            : reader.ReadArray("topic_names", static item => ((string?)item.ReadString("topic_name"), Guid.Empty));
        reader.ReadInt32("timeout_ms");
        reader.SkipTags();

        if (version >= 1)
            writer.WriteInt32(0);
        writer.WriteArray(topics, (_, topic) => WriteResult(writer, version, Delete(context, topic.Item1, topic.Item2)));
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static (string? Name, Guid Id) ReadTopic(KafkaReader reader)
    {
        var topic = (reader.ReadNullableString("name"), reader.ReadUuid("topic_id"));
        reader.SkipTags();
        return topic;
    }

    private (string? Name, Guid Id, ErrorCode Error, string? Message) Delete(RequestContext context, string? name, Guid id)
    {
        var topic = name is null ? broker.Topics.Find(id) : broker.Topics.Find(name);
        if (!context.MayUse(topic?.Name ?? name ?? string.Empty))
            return (name, id, ErrorCode.TopicAuthorizationFailed, "The user may not delete it.");
        if (topic is not null && broker.Topics.Delete(topic.Name))
            return (topic.Name, topic.Id, ErrorCode.None, null);
        return name is null
            ? (null, id, ErrorCode.UnknownTopicId, $"No topic has the id {id}.")
            : (name, Guid.Empty, ErrorCode.UnknownTopicOrPartition, $"Topic '{name}' does not exist.");
    }

    private static void WriteResult(KafkaWriter writer, short version, (string? Name, Guid Id, ErrorCode Error, string? Message) result)
    {
        writer.WriteNullableString(result.Name);
        if (version >= 6)
            writer.WriteUuid(result.Id);
        writer.WriteError(result.Error);
        if (version >= 5)
            writer.WriteNullableString(result.Message);
        writer.WriteNoTags();
    }
}
