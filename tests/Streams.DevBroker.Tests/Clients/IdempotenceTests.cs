using Confluent.Kafka;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

public sealed class IdempotenceTests : IAsyncLifetime
{
    private readonly string _topic = TestBroker.UniqueName("idempotent");
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        await _broker.CreateTopicAsync(_topic);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Produce_IdempotentAcrossBrokerRestarts_NothingLostDoubledOrReordered(bool killed)
    {
        _broker.RequireOwn("restarts it");
        const int Count = 3000;
        using var producer = KafkaClients.Producer(_broker, config => (config.EnableIdempotence, config.LingerMs, config.MessageTimeoutMs, config.ReconnectBackoffMaxMs, config.RetryBackoffMs) = (true, 1, 60_000, 100, 50));
        var reports = new List<Task<DeliveryResult<string, byte[]>>>();
        for (int i = 0; i < Count; i++)
        {
            reports.Add(producer.ProduceAsync(_topic, new Message<string, byte[]> { Value = BitConverter.GetBytes(i) }, TestContext.Current.CancellationToken));
            if (i % 1000 == 500)
            {
                await reports[i / 2];
                await _broker.RestartAsync(killed);
            }
        }

        await Task.WhenAll(reports);

        using var consumer = KafkaClients.Consumer(_broker);
        consumer.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        for (int i = 0; i < Count; i++)
        {
            var record = consumer.Next();
            Assert.Equal((i, (long)i), (BitConverter.ToInt32(record.Message.Value), record.Offset.Value));
        }

        Assert.Equal(Count, consumer.QueryWatermarkOffsets(new TopicPartition(_topic, 0), TimeSpan.FromSeconds(10)).High.Value);
    }
}
