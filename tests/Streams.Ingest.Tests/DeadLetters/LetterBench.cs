using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.TestKit.Kafka;

namespace Streams.Ingest.Tests.DeadLetters;

/// <summary>A source topic and its dead letters on the test broker, written as the pump writes them and read as a careful consumer reads.</summary>
internal sealed class LetterBench : IAsyncDisposable
{
    public const int Partitions = 3;

    public static readonly DateTimeOffset Published = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly RecordPublisher _publisher;
    private readonly DeadLetterPublisher _letters;

    private LetterBench(TestBroker broker)
    {
        Broker = broker;
        Kafka = new KafkaOptions { BootstrapServers = broker.BootstrapServers, GroupId = TestBroker.UniqueName("group") };
        _publisher = new RecordPublisher(Kafka, new PublisherOptions { Linger = TimeSpan.FromMilliseconds(1) }, NullLogger<RecordPublisher>.Instance);
        _letters = new DeadLetterPublisher(_publisher, NullLogger<DeadLetterPublisher>.Instance);
    }

    public TestBroker Broker { get; }

    public KafkaOptions Kafka { get; }

    public DeadLetterTopic Topic { get; private set; } = new("none");

    public static async Task<LetterBench> StartAsync(int? sourceMaxBytes = null)
    {
        var bench = new LetterBench(await TestBroker.StartAsync());
        await bench.RenewAsync(sourceMaxBytes);
        return bench;
    }

    /// <summary>Goes on with topics that nobody has written to.</summary>
    public async Task RenewAsync(int? sourceMaxBytes = null)
    {
        Topic = new DeadLetterTopic(TestBroker.UniqueName("source"));
        await Broker.CreateTopicAsync(Topic.Source, Partitions, sourceMaxBytes is { } most ? new Dictionary<string, string> { ["max.message.bytes"] = $"{most}" } : null);
        await Broker.CreateTopicAsync(Topic.Name, 1, new Dictionary<string, string> { ["max.message.bytes"] = "1000000" });
    }

    public DeadLetterOperation Operation(
        DeadLetterStatus goal = DeadLetterStatus.Redriven, Action<DeadLetterStep>? onStep = null, int chunkLetters = 3) =>
        new(Kafka, Topic, goal, NullLogger.Instance, TimeProvider.System, onStep ?? (_ => { }), chunkLetters);

    /// <summary>The dead letter of a record of source partition and offset; its value names both.</summary>
    public Task LetterAsync(
        int partition, long offset, string key = "k", string exception = "RecordFormatException", string reason = "bad", byte[]? value = null, params Header[] headers)
    {
        var letter = new DeadLetter(Topics.LiveRun, Topic.Source, partition, offset, Published.AddSeconds(offset), exception, reason, 2);
        var message = new Message<byte[]?, byte[]?>
        {
            Key = Encoding.UTF8.GetBytes(key),
            Value = value ?? Encoding.UTF8.GetBytes($"{partition}@{offset}"),
            Headers = [],
        };
        foreach (var header in headers)
        {
            message.Headers.Add(header);
        }

        return _letters.PublishAsync(letter, new ConsumeResult<byte[]?, byte[]?> { Message = message }, CancellationToken.None);
    }

    /// <summary>Letters of count records in turn over the partitions, key by partition and parity.</summary>
    public async Task<List<string>> FillAsync(int count)
    {
        for (var n = 0; n < count; n++)
        {
            await LetterAsync(n % Partitions, n / Partitions, $"{n % Partitions}{(n / Partitions) % 2}");
        }

        return [.. Enumerable.Range(0, count).Select(n => $"{n % Partitions}@{n / Partitions}").Order(StringComparer.Ordinal)];
    }

    /// <summary>A record that somebody else wrote to the dead-letter topic.</summary>
    public Task ForeignAsync() => _publisher.PublishAsync(Topic.Name, "k"u8.ToArray(), "v"u8.ToArray(), []);

    public DeadLetterIndex Index(DeadLetterFilter? filter = null)
    {
        using var reader = new DeadLetterReader(Kafka, Topic, NullLogger.Instance);
        return reader.ReadIndex(filter ?? new DeadLetterFilter(), TestContext.Current.CancellationToken);
    }

    /// <summary>Committed records of a topic by partition, once there are at least so many: a broker may answer a commit before its readers see it.</summary>
    public async Task<List<ConsumeResult<byte[]?, byte[]?>>> ReadAsync(string topic, int atLeast)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var records = Read(topic);
            if (records.Count >= atLeast)
            {
                return records;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }

    /// <summary>Values of the source topic, partition by partition in order.</summary>
    public async Task<List<string>> SentAsync(int atLeast) =>
        [.. (await ReadAsync(Topic.Source, atLeast)).Select(record => Encoding.UTF8.GetString(record.Message.Value ?? []))];

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await Broker.DisposeAsync();
    }

    private List<ConsumeResult<byte[]?, byte[]?>> Read(string topic)
    {
        var config = KafkaClients.Consumer(Kafka, "reader", 16 * 1024, TimeSpan.FromMinutes(5));
        config.FetchWaitMaxMs = 10;
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Single(known => known.Topic == topic).Partitions;
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        for (var ended = 0; ended < partitions.Count;)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"{topic} cannot be read to its end");
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
}
