using System.Diagnostics;
using Confluent.Kafka;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

public sealed class LimitsTests : IAsyncLifetime
{
    /// <summary>16 MiB of payload, and room for key, headers and framing; what Kafka takes by default is less.</summary>
    private const int LargestBatch = (16 * 1024 * 1024) + (64 * 1024);

    private readonly string _topic = TestBroker.UniqueName("limits");
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        await _broker.CreateTopicAsync(_topic, 1, new Dictionary<string, string> { ["max.message.bytes"] = $"{LargestBatch}" });
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(15_900_000)]
    [InlineData(16 * 1024 * 1024)]
    public async Task Produce_SixteenMegabytes_IsReadBackByAClientWithDefaultLimits(int size)
    {
        byte[] value = new byte[size];
        Random.Shared.NextBytes(value);
        using var producer = KafkaClients.Producer(_broker, config => config.MessageMaxBytes = 20_000_000);

        for (int i = 0; i < 3; i++)
            await producer.ProduceAsync(_topic, new Message<string, byte[]> { Key = "large", Value = value }, TestContext.Current.CancellationToken);

        using var consumer = KafkaClients.Consumer(_broker);
        consumer.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        for (int i = 0; i < 3; i++)
            Assert.Equal(value, consumer.Next().Message.Value);
    }

    [Fact]
    public async Task Produce_OverSixteenMebibytes_IsRefusedAndTheNextIsTaken()
    {
        using var producer = KafkaClients.Producer(_broker, config => config.MessageMaxBytes = 20_000_000);

        var refused = await Assert.ThrowsAsync<ProduceException<string, byte[]>>(
            () => producer.ProduceAsync(_topic, new Message<string, byte[]> { Value = new byte[17_000_000] }, TestContext.Current.CancellationToken));
        var report = await producer.ProduceAsync(_topic, new Message<string, byte[]> { Value = [1] }, TestContext.Current.CancellationToken);

        Assert.Equal(ErrorCode.MsgSizeTooLarge, refused.Error.Code);
        Assert.Equal(0, report.Offset.Value);
    }

    [Fact]
    public async Task Produce_OverTheTopicsLimit_IsRefused()
    {
        string small = TestBroker.UniqueName("small");
        await _broker.CreateTopicAsync(small, 1, new Dictionary<string, string> { ["max.message.bytes"] = "1000" });
        using var producer = KafkaClients.Producer(_broker);

        var refused = await Assert.ThrowsAsync<ProduceException<string, byte[]>>(
            () => producer.ProduceAsync(small, new Message<string, byte[]> { Value = new byte[2000] }, TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.MsgSizeTooLarge, refused.Error.Code);
    }

    [Fact]
    public async Task Consume_WaitingFetch_IsWokenByTheAppend()
    {
        // Were the fetch not woken, the record would come only after its wait of a minute.
        using var consumer = KafkaClients.Consumer(_broker, config => (config.FetchWaitMaxMs, config.SocketTimeoutMs) = (60_000, 120_000));
        using var producer = KafkaClients.Producer(_broker);
        consumer.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        await producer.ProduceAsync(_topic, new Message<string, byte[]> { Value = [0] }, TestContext.Current.CancellationToken);
        consumer.Next();

        var began = Stopwatch.StartNew();
        for (byte i = 1; i <= 20; i++)
        {
            await producer.ProduceAsync(_topic, new Message<string, byte[]> { Value = [i] }, TestContext.Current.CancellationToken);
            Assert.Equal(i, consumer.Next().Message.Value[0]);
        }

        Assert.True(began.Elapsed < TimeSpan.FromSeconds(30), $"20 records took {began.Elapsed}");
    }

    [Fact]
    public async Task Consume_ManyPartitionsOfLargeRecordsWithSmallFetches_GivesAll()
    {
        string wide = TestBroker.UniqueName("wide");
        await _broker.CreateTopicAsync(wide, 4);
        using (var producer = KafkaClients.Producer(_broker, config => config.BatchNumMessages = 1))
        {
            for (int i = 0; i < 40; i++)
                producer.Produce(new TopicPartition(wide, i % 4), new Message<string, byte[]> { Value = new byte[300_000] });
            producer.Flush(TestContext.Current.CancellationToken);
        }

        using var consumer = KafkaClients.Consumer(_broker, config =>
        {
            config.FetchMaxBytes = 500_000;
            config.MaxPartitionFetchBytes = 100_000;
            config.MessageMaxBytes = 400_000;
            config.ReceiveMessageMaxBytes = 600_000;
        });
        consumer.Assign(Enumerable.Range(0, 4).Select(partition => new TopicPartitionOffset(wide, partition, Offset.Beginning)));
        var counts = new int[4];
        for (int i = 0; i < 40; i++)
            counts[consumer.Next().Partition.Value]++;

        Assert.Equal([10, 10, 10, 10], counts);
    }
}
