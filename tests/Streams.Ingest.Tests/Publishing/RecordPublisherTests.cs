using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Publishing;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.TestKit.Kafka;

namespace Streams.Ingest.Tests.Publishing;

public sealed class RecordPublisherTests
{
    private static readonly EventEnvelope Envelope = new("1", "/tests", EventTypes.LabelSample, Records.Time);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublishAsync_Envelope_ArrivesAsHeaders()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);

        var at = await bench.Publisher.PublishAsync(bench.Topic, "k", Envelope, "data"u8.ToArray(), [KeyValuePair.Create("own", "x"u8.ToArray())], Ct);

        Assert.Equal((0, 0L), at);
        var record = Assert.Single(bench.ReadAll(bench.Topic, 1));
        var read = EventEnvelope.FromHeaders(name => record.Message.Headers.TryGetLastBytes(name, out var bytes) ? bytes : null);
        Assert.Equal(Envelope, read);
        Assert.Equal("x", Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("own")));
        Assert.Equal("data", Encoding.UTF8.GetString(record.Message.Value));
    }

    // The partitions that the Java client's default partitioner chooses out of 16 (murmur2, positive, modulo).
    [Theory]
    [InlineData("gate", 16)]
    [InlineData("molene", 16)]
    [InlineData("task-1", 16)]
    public async Task PublishAsync_Key_LandsWhereJavaClientsPutIt(string key, int partitions)
    {
        await using var bench = await BrokerBench.StartAsync(partitions);

        var (partition, _) = await bench.Publisher.PublishAsync(bench.Topic, key, Envelope, "v"u8.ToArray(), ct: Ct);

        Assert.Equal((int)((Murmur2(Encoding.UTF8.GetBytes(key)) & 0x7fffffff) % partitions), partition);
    }

    [Fact]
    public async Task PublishAsync_OverSixteenMebibytes_SaysSo()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);

        var error = await Assert.ThrowsAsync<PublishException>(
            () => bench.Publisher.PublishAsync(bench.Topic, "k", Envelope, new byte[RecordPublisher.MaxValueBytes + 100_000], ct: Ct));

        Assert.True(error.IsTooLarge);
        Assert.Contains("at most 16777216", error.Message, StringComparison.Ordinal);
        await bench.Publisher.PublishAsync(bench.Topic, "k", Envelope, new byte[RecordPublisher.MaxValueBytes], ct: Ct);
    }

    [Fact]
    public async Task PublishAsync_MoreThanTheClientHolds_KeepsTheOrderOfTheCalls()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        await using var publisher = new RecordPublisher(
            bench.Kafka, new PublisherOptions { QueueBytes = 32 * 1024 * 1024, Compression = PublisherCompression.None }, NullLogger<RecordPublisher>.Instance);

        // 80 MiB handed over at once, in records large and small.
        var sizes = Enumerable.Range(0, 200).Select(n => n % 10 == 0 ? 4 * 1024 * 1024 : 10).ToList();
        var written = await Task.WhenAll(sizes.Select(size => publisher.PublishAsync(bench.Topic, "k", Envelope, new byte[size], ct: Ct)));

        Assert.Equal(Enumerable.Range(0, sizes.Count).Select(n => (long)n), written.Select(at => at.Offset));
    }

    [Fact]
    public async Task PublishAsync_CancelledWhileItWaits_IsNotWritten()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bench.Publisher.PublishAsync(bench.Topic, "k", Envelope, "1"u8.ToArray(), ct: cancelled.Token));

        Assert.Equal((0, 0L), await bench.Publisher.PublishAsync(bench.Topic, "k", Envelope, "2"u8.ToArray(), ct: Ct));
    }

    [Fact]
    public async Task PublishAsync_TopicTakesLess_SaysWhichSettingToRaise()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var small = TestBroker.UniqueName("small");
        await bench.Broker.CreateTopicAsync(small, 1, new Dictionary<string, string> { ["max.message.bytes"] = "1000000" });

        var error = await Assert.ThrowsAsync<PublishException>(
            () => bench.Publisher.PublishAsync(small, "k", Envelope, Noise(2_000_000), ct: Ct));

        Assert.True(error.IsTooLarge);
        Assert.Contains("max.message.bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_BrokerUnreachable_TimesOutWithARemedyAndRecovers()
    {
        var broker = await TestBroker.StartInProcessAsync();
        var topic = TestBroker.UniqueName("t");
        await broker.CreateTopicAsync(topic);
        await using var publisher = new RecordPublisher(
            new KafkaOptions { BootstrapServers = broker.BootstrapServers },
            new PublisherOptions { DeliveryTimeout = TimeSpan.FromSeconds(5) },
            NullLogger<RecordPublisher>.Instance);
        await publisher.PublishAsync(topic, "k", Envelope, "1"u8.ToArray(), ct: Ct);
        Task<(int, long)>? lost = null;
        await broker.RestartAsync(whileStopped: () =>
        {
            lost = publisher.PublishAsync(topic, "k", Envelope, "2"u8.ToArray(), ct: Ct);
            Assert.Throws<AggregateException>(() => lost.Wait(TimeSpan.FromSeconds(30), Ct));
        });

        var error = Assert.IsType<PublishException>(lost!.Exception!.InnerException);
        Assert.Contains("check that it is up", error.Message, StringComparison.Ordinal);
        var again = await publisher.PublishAsync(topic, "k", Envelope, "3"u8.ToArray(), ct: Ct);
        Assert.Equal(1, again.Offset);
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task DeadLetter_LargerThanItsTopicTakes_IsCutAndSaysSo()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var source = TestBroker.UniqueName("s");
        await bench.Broker.CreateTopicAsync(Topics.DeadLetter(source), 1, new Dictionary<string, string> { ["max.message.bytes"] = "1000000" });
        var letters = new DeadLetterPublisher(bench.Publisher, NullLogger<DeadLetterPublisher>.Instance);
        var record = Records.Raw(3, "k"u8.ToArray(), Noise(2_000_000), [KeyValuePair.Create("own", "x"u8.ToArray())], source);

        await letters.PublishAsync(new DeadLetter("live", source, 0, 3, Records.Time, "RecordFormatException", "why"), record, CancellationToken.None);

        var letter = Assert.Single(bench.ReadAll(Topics.DeadLetter(source), 1));
        Assert.Equal("2000000", Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes(DeadLetterPublisher.TruncatedHeader)));
        Assert.Equal("x", Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("own")));
        Assert.Equal(record.Message.Value![..letter.Message.Value.Length], letter.Message.Value);
    }

    [Fact]
    public async Task EnsureTopicsAsync_SomeExist_CreatesTheOthers()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var admin = new TopicAdmin(bench.Kafka, NullLogger<TopicAdmin>.Instance);
        var fresh = TestBroker.UniqueName("fresh");
        TopicSpec[] topics = [new(bench.Topic, 1, new Dictionary<string, string>()), new(fresh, 3, new Dictionary<string, string>())];

        Assert.Equal([fresh], (await admin.EnsureTopicsAsync(topics, Ct)).Created);
        Assert.Empty((await admin.EnsureTopicsAsync(topics, Ct)).Created);
        using var client = bench.Broker.CreateAdmin();
        Assert.Equal(3, client.GetMetadata(fresh, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count);
    }

    [Fact]
    public void For_LiveAndReplay_NamesWhatEachWrites()
    {
        var live = TopicAdmin.For(Topics.LiveRun).Select(topic => topic.Name).ToList();
        Assert.Contains("video.frames", live);
        Assert.Contains("video.frames.dlt", live);
        Assert.Contains("label.modes", live);

        var replay = TopicAdmin.For("check").Select(topic => topic.Name).ToList();
        Assert.All(replay, name => Assert.StartsWith("run.check.", name, StringComparison.Ordinal));
        Assert.Equal(8, replay.Count);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Murmur2 as Kafka's Java client computes it.</summary>
    private static uint Murmur2(byte[] data)
    {
        unchecked
        {
            const uint m = 0x5bd1e995;
            var h = 0x9747b28c ^ (uint)data.Length;
            var whole = data.Length / 4;
            for (var i = 0; i < whole; i++)
            {
                var k = BitConverter.ToUInt32(data, i * 4) * m;
                k = (k ^ (k >> 24)) * m;
                h = (h * m) ^ k;
            }

            var rest = data.AsSpan(whole * 4);
            for (var i = rest.Length - 1; i >= 0; i--)
            {
                h ^= (uint)rest[i] << (8 * i);
            }

            h = rest.Length > 0 ? h * m : h;
            h = (h ^ (h >> 13)) * m;
            return h ^ (h >> 15);
        }
    }
}
