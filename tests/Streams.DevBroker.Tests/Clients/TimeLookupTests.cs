using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

public sealed class TimeLookupTests : IAsyncLifetime
{
    private const int Count = 500;
    private const int RecordBytes = 8000;
    private const long FirstMs = 1_700_000_000_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly string _topic = TestBroker.UniqueName("timed");
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(0, CompressionType.None)]
    [InlineData(50, CompressionType.None)]
    [InlineData(50, CompressionType.Gzip)]
    public async Task OffsetsForTimes_OverManySegments_GivesFirstRecordAtOrAfter(int lingerMs, CompressionType codec)
    {
        await ProduceAsync(lingerMs, codec);
        using var consumer = KafkaClients.Consumer(_broker);

        for (int i = 0; i < Count; i += 37)
        {
            Assert.Equal(i, Find(consumer, FirstMs + (i * 10)));
            Assert.Equal(i, Find(consumer, FirstMs + (i * 10) - 3));
        }

        Assert.Equal(0, Find(consumer, 0));
        Assert.Equal(Offset.End.Value, Find(consumer, FirstMs + (Count * 10)));
    }

    [Fact]
    public async Task ListOffsets_MaxTimestamp_GivesTheLatestInTime()
    {
        await ProduceAsync(lingerMs: 0);
        using var producer = KafkaClients.Producer(_broker);
        await producer.ProduceAsync(_topic, At(FirstMs - 1000), TestContext.Current.CancellationToken);
        using var admin = _broker.CreateAdmin();

        var listed = await admin.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = new(_topic, 0), OffsetSpec = OffsetSpec.MaxTimestamp() }]);

        Assert.Equal(Count - 1, listed.ResultInfos.Single().TopicPartitionOffsetError.Offset.Value);
        Assert.Equal(FirstMs + ((Count - 1) * 10), listed.ResultInfos.Single().Timestamp);
    }

    [Fact]
    public async Task Produce_ToTopicWithLogAppendTime_IsStampedByTheBroker()
    {
        await _broker.CreateTopicAsync(_topic, 1, new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" });
        using var producer = KafkaClients.Producer(_broker);
        await producer.ProduceAsync(_topic, At(FirstMs), TestContext.Current.CancellationToken);

        using var consumer = KafkaClients.Consumer(_broker, config => config.CheckCrcs = true);
        consumer.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        var timestamp = consumer.Next().Message.Timestamp;

        Assert.Equal(TimestampType.LogAppendTime, timestamp.Type);
        Assert.InRange(timestamp.UnixTimestampMs, DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds());
    }

    private static Message<string, byte[]> At(long timestampMs) => new() { Key = "k", Value = new byte[RecordBytes], Timestamp = new Timestamp(timestampMs, TimestampType.CreateTime) };

    private long Find(IConsumer<string, byte[]> consumer, long timestampMs) =>
        consumer.OffsetsForTimes([new TopicPartitionTimestamp(_topic, 0, new Timestamp(timestampMs, TimestampType.CreateTime))], s_patience).Single().Offset.Value;

    private async Task ProduceAsync(int lingerMs, CompressionType codec = CompressionType.None)
    {
        // Several segments of the smallest size that Kafka takes, and records of 2023 that retention must leave alone.
        await _broker.CreateTopicAsync(_topic, 1, new Dictionary<string, string> { ["segment.bytes"] = $"{1024 * 1024}", ["retention.ms"] = "-1" });
        using var producer = KafkaClients.Producer(_broker, config => (config.LingerMs, config.CompressionType) = (lingerMs, codec));
        for (int i = 0; i < Count; i++)
            producer.Produce(_topic, At(FirstMs + (i * 10)));
        producer.Flush(TestContext.Current.CancellationToken);
    }
}
