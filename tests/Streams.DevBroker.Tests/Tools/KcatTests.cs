using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Streams.DevBroker.Tests.Clients;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Tools;

public sealed class KcatTests : IAsyncLifetime
{
    private const int Count = 10_000;
    private readonly string? _kcat = ExternalTool.Find("kcat");
    private readonly string _topic = TestBroker.UniqueName("kcat");
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task List_WithTopics_ShowsBrokerAndPartitions()
    {
        string kcat = RequireKcat();
        await _broker.CreateTopicAsync(_topic, 3);

        string listing = await ExternalTool.RunAsync(kcat, ["-b", _broker.BootstrapServers, "-L"]);

        Assert.Matches("[1-9][0-9]* brokers:", listing);
        Assert.Contains($"topic \"{_topic}\" with 3 partitions:", listing, StringComparison.Ordinal);
        Assert.Matches("partition 2, leader [0-9]+, replicas: [0-9]+, isrs: [0-9]+", listing);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task ProduceAndConsume_TenThousandRecords_GivesThemBackInOrderOfTheirKey(string codec)
    {
        string kcat = RequireKcat();
        await _broker.CreateTopicAsync(_topic, 4);
        string input = string.Concat(Enumerable.Range(0, Count).Select(i => $"key-{i % 100}:value-{i}\n"));

        await ExternalTool.RunAsync(kcat, ["-b", _broker.BootstrapServers, "-t", _topic, "-P", "-K", ":", "-z", codec, "-H", "origin=kcat", "-H", "n=1"], input);
        string output = await ExternalTool.RunAsync(
            kcat, ["-b", _broker.BootstrapServers, "-t", _topic, "-C", "-e", "-q", "-o", "beginning", "-f", "%k|%s|%h\n"]);

        var records = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|')).ToList();
        Assert.Equal(Count, records.Count);
        Assert.All(records, record => Assert.Equal("origin=kcat,n=1", record[2]));
        foreach (var key in records.GroupBy(record => record[0], record => int.Parse(record[1].AsSpan(6), CultureInfo.InvariantCulture)))
        {
            Assert.Equal(key.Order(), key);
            Assert.All(key, i => Assert.Equal($"key-{i % 100}", key.Key));
        }
    }

    [Fact]
    public async Task GroupConsume_Twice_SecondContinuesBehindTheFirst()
    {
        string kcat = RequireKcat();
        await _broker.CreateTopicAsync(_topic);
        string[] consume = ["-b", _broker.BootstrapServers, "-G", _topic + ".group", "-q", "-e", "-X", "auto.offset.reset=earliest", "-f", "%s\n", _topic];
        await ExternalTool.RunAsync(kcat, ["-b", _broker.BootstrapServers, "-t", _topic, "-P"], "a\nb\n");
        string first = await ExternalTool.RunAsync(kcat, consume);
        await ExternalTool.RunAsync(kcat, ["-b", _broker.BootstrapServers, "-t", _topic, "-P"], "c\n");
        string second = await ExternalTool.RunAsync(kcat, consume);

        Assert.Equal("a\nb\n", first);
        Assert.Equal("c\n", second);
    }

    [Fact]
    public async Task QueryOffset_ByTimestamp_IsAnswered()
    {
        string kcat = RequireKcat();
        await _broker.CreateTopicAsync(_topic);
        await ExternalTool.RunAsync(kcat, ["-b", _broker.BootstrapServers, "-t", _topic, "-P"], "a\nb\n");

        string answer = await ExternalTool.RunAsync(kcat, ["-b", _broker.BootstrapServers, "-Q", "-t", $"{_topic}:0:1"]);

        Assert.Contains($"{_topic} [0] offset 0", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read_committed", "a\nc\n")]
    [InlineData("read_uncommitted", "a\nb\nc\n")]
    public async Task Consume_WithIsolationLevel_SeesWhatItShould(string isolation, string expected)
    {
        string kcat = RequireKcat();
        await _broker.CreateTopicAsync(_topic);
        using var producer = KafkaClients.Producer(_broker, config => (config.TransactionalId, config.MessageTimeoutMs) = (_topic + ".id", null));
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        foreach (string value in new[] { "a", "b", "c" })
        {
            producer.BeginTransaction();
            producer.Produce(_topic, new Message<string, byte[]> { Value = Encoding.ASCII.GetBytes(value) });
            producer.Flush(TestContext.Current.CancellationToken);
            if (value == "b")
                producer.AbortTransaction();
            else
                producer.CommitTransaction();
        }

        string output = await ExternalTool.RunAsync(
            kcat, ["-b", _broker.BootstrapServers, "-t", _topic, "-C", "-e", "-q", "-o", "beginning", "-X", $"isolation.level={isolation}", "-f", "%s\n"]);

        Assert.Equal(expected, output);
    }

    private string RequireKcat()
    {
        Assert.SkipWhen(_kcat is null, "kcat is not installed (apt-get install kcat)");
        return _kcat!;
    }
}
