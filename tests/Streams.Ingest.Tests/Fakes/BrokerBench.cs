using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;
using Streams.TestKit.Kafka;

namespace Streams.Ingest.Tests.Fakes;

/// <summary>A topic of its own on the test broker, its dead letters, and the means to fill and read them.</summary>
internal sealed class BrokerBench : IAsyncDisposable
{
    private BrokerBench(TestBroker broker)
    {
        Broker = broker;
        Kafka = new KafkaOptions { BootstrapServers = broker.BootstrapServers, GroupId = TestBroker.UniqueName("group"), SessionTimeout = TimeSpan.FromSeconds(6) };
        Publisher = new RecordPublisher(Kafka, new PublisherOptions { Linger = TimeSpan.FromMilliseconds(1) }, NullLogger<RecordPublisher>.Instance);
    }

    public TestBroker Broker { get; }

    public string Topic { get; } = TestBroker.UniqueName("t");

    public string DeadLetterTopic => Topic + ".dlt";

    public KafkaOptions Kafka { get; }

    public RecordPublisher Publisher { get; }

    public PumpOptions Options { get; } = new() { CheckpointInterval = TimeSpan.FromMilliseconds(20), GroupCommitInterval = TimeSpan.FromMilliseconds(100) };

    public FakeCursors Cursors { get; } = new();

    public static async Task<BrokerBench> StartAsync(int partitions)
    {
        var bench = new BrokerBench(await TestBroker.StartAsync());
        var large = new Dictionary<string, string> { ["max.message.bytes"] = KafkaClients.MaxRecordBytes.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        await bench.Broker.CreateTopicAsync(bench.Topic, partitions, large);
        await bench.Broker.CreateTopicAsync(bench.DeadLetterTopic, 1, large);
        return bench;
    }

    public PartitionId Partition(int number, string run = "live") => new(run, Topic, number);

    public TopicPump Pump(IRecordSink sink, KafkaOptions? kafka = null) => new(
        new PlainDecoder(Topic), sink, Cursors, new ResultPublisher(Publisher), new DeadLetterPublisher(Publisher, NullLogger<DeadLetterPublisher>.Instance),
        kafka ?? Kafka, Options, TimeProvider.System, NullLogger<TopicPump>.Instance);

    /// <summary>Writes count records with keys key0 to keyN-1 in turn; returns one past the last offset of each partition.</summary>
    public async Task<Dictionary<int, long>> FillAsync(int count, int keys, Func<int, string>? value = null)
    {
        var written = await Task.WhenAll(Enumerable.Range(0, count).Select(n => Publisher.PublishAsync(
            Topic, Encoding.UTF8.GetBytes($"key{n % keys}"), Encoding.UTF8.GetBytes(value?.Invoke(n) ?? $"{n}"), [])));
        return written.GroupBy(at => at.Partition).ToDictionary(at => at.Key, at => at.Max(each => each.Offset) + 1);
    }

    public Task CursorsReachAsync(Dictionary<int, long> ends) =>
        Task.WhenAll(ends.Select(end => Cursors.WhenAtLeast(Partition(end.Key), end.Value))).WaitAsync(TimeSpan.FromSeconds(60));

    public List<ConsumeResult<byte[], byte[]>> ReadAll(string topic, int count)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = Kafka.BootstrapServers,
            GroupId = TestBroker.UniqueName("reader"),
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var records = new List<ConsumeResult<byte[], byte[]>>();
        while (records.Count < count && consumer.Consume(TimeSpan.FromSeconds(20)) is { } record)
        {
            records.Add(record);
        }

        return records;
    }

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
