using Streams.DevBroker.Protocol;
using Streams.DevBroker.Tests.Protocol;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Server;

public sealed class DevBrokerServerTests
{
    [Fact]
    public async Task StartAsync_PortInUse_SaysSoWithARemedy()
    {
        await using var first = await TestBroker.StartInProcessAsync();
        int port = first.Server.Endpoint.Port;

        var failure = await Assert.ThrowsAsync<DevBrokerPortInUseException>(() => TestBroker.StartInProcessAsync(options => options with { Port = port }));

        Assert.Equal(port, failure.Port);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Contains("choose another port", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_DataFolderInUse_SaysSo()
    {
        await using var first = await TestBroker.StartInProcessAsync();
        await using var second = new DevBrokerServer(new DevBrokerOptions { DataDirectory = first.DataDirectory, Port = 0 });

        var failure = await Assert.ThrowsAsync<DevBrokerDataDirectoryException>(() => second.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(first.DataDirectory, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense host", 0, 4)]
    [InlineData("127.0.0.1", 70000, 4)]
    [InlineData("127.0.0.1", 0, 0)]
    public async Task StartAsync_BadOption_NamesItAndItsValue(string host, int port, int partitions)
    {
        var options = new DevBrokerOptions { DataDirectory = Path.GetTempPath(), Host = host, Port = port, DefaultPartitions = partitions };
        await using var broker = new DevBrokerServer(options);

        await Assert.ThrowsAsync<DevBrokerOptionsException>(() => broker.StartAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task DisposeAsync_WithWaitingFetch_EndsAtOnce()
    {
        var broker = await TestBroker.StartInProcessAsync();
        await broker.CreateTopicAsync("waiting");
        using var client = new RawClient(broker);
        await client.SendAsync(ApiKey.Fetch, 4, flexible: false, writer =>
        {
            writer.WriteInt32(-1);
            writer.WriteInt32(600_000);
            writer.WriteInt32(1);
            writer.WriteInt32(1000);
            writer.WriteInt8(0);
            writer.WriteArrayLength(1);
            writer.WriteString("waiting");
            writer.WriteArrayLength(1);
            writer.WriteInt32(0);
            writer.WriteInt64(0);
            writer.WriteInt32(1000);
        });

        await broker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Restart_KeepsClusterIdAndGivesNewProducerIds()
    {
        await using var broker = await TestBroker.StartInProcessAsync();
        string cluster = broker.Server.Broker.ClusterId;
        long id = broker.Server.Broker.ProducerIds.Next();

        await broker.RestartAsync(killed: true);

        Assert.Equal(cluster, broker.Server.Broker.ClusterId);
        Assert.True(broker.Server.Broker.ProducerIds.Next() > id);
    }
}
