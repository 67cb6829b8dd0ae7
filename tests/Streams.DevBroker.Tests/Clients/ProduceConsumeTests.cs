using System.Text;
using Confluent.Kafka;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

public sealed class ProduceConsumeTests : IAsyncLifetime
{
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Consume_AfterProduceWithCodec_GivesKeysHeadersValuesInOrder(CompressionType codec)
    {
        const int Count = 2000;
        string topic = TestBroker.UniqueName("codec");
        await _broker.CreateTopicAsync(topic);
        using var producer = KafkaClients.Producer(_broker, config => (config.CompressionType, config.LingerMs) = (codec, 20));
        for (int i = 0; i < Count; i++)
        {
            producer.Produce(topic, new Message<string, byte[]>
            {
                Key = $"key-{i % 7}",
                Value = Encoding.UTF8.GetBytes($"value {i} " + new string('x', 100)),
                Headers = new Headers { { "n", BitConverter.GetBytes(i) }, { "empty", [] } },
            });
        }

        producer.Flush(TestContext.Current.CancellationToken);

        using var consumer = KafkaClients.Consumer(_broker);
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        for (int i = 0; i < Count; i++)
        {
            var record = consumer.Next();
            Assert.Equal(i, record.Offset.Value);
            Assert.Equal($"key-{i % 7}", record.Message.Key);
            Assert.Equal(i, BitConverter.ToInt32(record.Message.Headers.GetLastBytes("n")));
            Assert.StartsWith($"value {i} ", Encoding.UTF8.GetString(record.Message.Value), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Produce_ToUnknownTopic_CreatesItWithDefaultPartitions()
    {
        string topic = TestBroker.UniqueName("auto");
        using var producer = KafkaClients.Producer(_broker);

        await producer.ProduceAsync(topic, new Message<string, byte[]> { Key = "k", Value = [1] }, TestContext.Current.CancellationToken);

        using var admin = _broker.CreateAdmin();
        string expected = await admin.SettingAsync("num.partitions");
        Assert.Equal(expected, $"{admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count}");
    }

    [Theory]
    [InlineData(Acks.None)]
    [InlineData(Acks.Leader)]
    [InlineData(Acks.All)]
    public async Task Produce_WithAnyAcks_IsReadBack(Acks acks)
    {
        string topic = TestBroker.UniqueName("acks");
        await _broker.CreateTopicAsync(topic);
        using var producer = KafkaClients.Producer(_broker, config => config.Acks = acks);

        await producer.ProduceAsync(topic, new Message<string, byte[]> { Key = "k", Value = [1, 2, 3] }, TestContext.Current.CancellationToken);

        using var consumer = KafkaClients.Consumer(_broker);
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        Assert.Equal([1, 2, 3], consumer.Next().Message.Value);
    }
}
