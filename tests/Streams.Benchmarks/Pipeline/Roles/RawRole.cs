using Confluent.Kafka;

namespace Streams.Benchmarks.Pipeline.Roles;

/// <summary><c>pipeline raw BROKER TOPIC RECORDS</c>: the yardstick, a loop around Confluent.Kafka's Consume that looks at each value and does nothing.</summary>
internal static class RawRole
{
    public static int Run(string broker, string topic, long records, TextWriter output)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = broker,
            GroupId = "raw",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            // As the pump: else a client at its bound rests for a second, and large records crawl.
            FetchQueueBackoffMs = 10,
        };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics[0].Partitions;
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var (done, bytes) = (0L, 0L);
        output.WriteLine(Progress.Now(0));
        var step = Math.Max(1, records / 200);
        while (done < records)
        {
            if (consumer.Consume(TimeSpan.FromSeconds(20)) is not { } record)
            {
                throw new TimeoutException($"{done} of {records} records came");
            }

            bytes += record.Message.Value.Length;
            if (++done % step == 0 || done == records)
            {
                output.WriteLine(Progress.Now(done));
            }
        }

        output.WriteLine($"bytes {bytes}");
        output.Flush();
        return 0;
    }
}
