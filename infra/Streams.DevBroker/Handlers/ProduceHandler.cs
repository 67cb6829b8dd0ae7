using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>
/// Appends record batches. Versions 0 to 2 are advertised because clients infer features from their presence; they can
/// carry old message formats only, which are refused as such.
/// </summary>
internal sealed class ProduceHandler(BrokerState broker) : ApiHandler(ApiKey.Produce, 0, 10, 9)
{
    private readonly record struct PartitionData(int Index, Memory<byte>? Records);

    private readonly record struct TopicData(string Name, List<PartitionData> Partitions);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        string? transactionalId = context.Version >= 3 ? reader.ReadNullableString("transactional_id") : null;
        short acks = reader.ReadInt16("acks");
        reader.ReadInt32("timeout_ms");
        var topics = reader.ReadArray("topic_data", ReadTopic);
        reader.SkipTags();

        ErrorCode refusal = acks is < -1 or > 1 ? ErrorCode.InvalidRequiredAcks
            : transactionalId?.Length == 0 ? ErrorCode.InvalidRequest
            : ErrorCode.None;
        context.NoAnswer = acks == 0;
        var writer = context.Response;
        writer.WriteArray(topics, (_, topic) =>
        {
            writer.WriteString(topic.Name);
            writer.WriteArray(topic.Partitions, (_, partition) =>
            {
                var result = refusal == ErrorCode.None && !context.MayUse(topic.Name) ? AppendResult.Failed(ErrorCode.TopicAuthorizationFailed)
                    : refusal == ErrorCode.None ? Append(transactionalId, topic.Name, partition, context.Version)
                    : AppendResult.Failed(refusal);
                if (result.Error != ErrorCode.None)
                    Report(context, topic.Name, partition.Index, result);
                WriteResult(writer, context.Version, partition.Index, result);
            });
            writer.WriteNoTags();
        });
        if (context.Version >= 1)
            writer.WriteInt32(0);
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private static TopicData ReadTopic(KafkaReader reader)
    {
        string name = reader.ReadString("name");
        var partitions = reader.ReadArray("partition_data", static item =>
        {
            var partition = new PartitionData(item.ReadInt32("index"), item.ReadNullableBytes("records"));
            item.SkipTags();
            return partition;
        });
        reader.SkipTags();
        return new(name, partitions);
    }

    private AppendResult Append(string? transactionalId, string topic, PartitionData partition, short version)
    {
        if (broker.Topics.Find(topic, partition.Index) is not { } log)
            return AppendResult.Failed(ErrorCode.UnknownTopicOrPartition);
        if (partition.Records is not { } records)
            return AppendResult.Failed(ErrorCode.InvalidRecord, "no records");
        return transactionalId is null
            ? log.Append(records.Span, version)
            : broker.Transactions.Append(transactionalId, new(topic, partition.Index), log, records.Span, version);
    }

    private void Report(RequestContext context, string topic, int partition, AppendResult result)
    {
        broker.Logger.ProduceRefused(topic, partition, result.Error, result.Message, context.ClientId);
        if (context.NoAnswer)
            context.CloseReason = $"produce without acknowledgement to {topic}/{partition} failed: {result.Error}";
    }

    private static void WriteResult(KafkaWriter writer, short version, int partition, AppendResult result)
    {
        writer.WriteInt32(partition);
        writer.WriteError(result.Error);
        writer.WriteInt64(result.BaseOffset);
        if (version >= 2)
            writer.WriteInt64(result.LogAppendTimeMs);
        if (version >= 5)
            writer.WriteInt64(result.LogStart);
        if (version >= 8)
        {
            writer.WriteArrayLength(0);
            writer.WriteNullableString(result.Message);
        }

        writer.WriteNoTags();
    }
}
