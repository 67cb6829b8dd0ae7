using System.Text;
using Confluent.Kafka;
using Streams.Ingest.Sources.Labels;
using Streams.Schemas.Labels;

namespace Streams.EndToEnd.Support;

/// <summary>Reads whole topics and writes records, as any client would.</summary>
internal static class KafkaTopic
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>All records of a topic, partition by partition in order; none when it does not exist.</summary>
    public static List<ConsumeResult<byte[], byte[]>> ReadAll(string broker, string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = broker,
            GroupId = "end-to-end",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            AllowAutoCreateTopics = false,
        }).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(Patience).Topics.FirstOrDefault(known => known.Topic == topic)?.Partitions ?? [];
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();
        for (var ended = 0; ended < partitions.Count;)
        {
            var record = consumer.Consume(Patience);
            Assert.NotNull(record);
            if (record.IsPartitionEOF)
            {
                ended++;
            }
            else
            {
                records.Add(record);
            }
        }

        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    /// <summary>Results of a topic by id; a repeated id must repeat its value.</summary>
    public static SortedDictionary<string, string> ReadResults(string broker, string topic)
    {
        var results = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var record in ReadAll(broker, topic))
        {
            var id = Header(record, "ce_id")!;
            var value = Encoding.UTF8.GetString(record.Message.Value);
            if (!results.TryAdd(id, value))
            {
                Assert.Equal(results[id], value);
            }
        }

        return results;
    }

    public static string? Header(ConsumeResult<byte[], byte[]> record, string name) =>
        record.Message.Headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;

    public static IProducer<byte[], byte[]> Producer(string broker) =>
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = broker, EnableIdempotence = true, LingerMs = 5 }).SetLogHandler((_, _) => { }).Build();

    /// <summary>The record that opens a task.</summary>
    public static Message<byte[], byte[]> Definition(LabelTask task)
    {
        var record = LabelRecords.Task(task, DateTimeOffset.UnixEpoch);
        var headers = new Headers();
        foreach (var (name, value) in record.Envelope.ToHeaders())
        {
            headers.Add(name, value);
        }

        return new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(record.Key), Value = record.Value.ToArray(), Headers = headers };
    }

    public static Message<byte[], byte[]> Sample(string task, string sample, string label) => new()
    {
        Key = Encoding.UTF8.GetBytes(task),
        Value = Encoding.UTF8.GetBytes($$"""{"task":"{{task}}","sample":"{{sample}}","label":"{{label}}"}"""),
    };
}
