using System.Text;
using Confluent.Kafka;
using Streams.Schemas.Results;

namespace Streams.TestKit.Simulation;

/// <summary>A source topic, its results and dead letters, and the consumer group of the pumps.</summary>
internal sealed class SimBroker
{
    private readonly SimWorld _world;
    private readonly SimProcess _server;
    private readonly List<ConsumeResult<byte[]?, byte[]?>>[] _source;
    private readonly long[] _ends;

    public SimBroker(SimWorld world, string topic, int partitions)
    {
        (_world, _server, Topic) = (world, new SimProcess(world, "broker"), topic);
        _source = [.. Enumerable.Range(0, partitions).Select(_ => new List<ConsumeResult<byte[]?, byte[]?>>())];
        _ends = new long[partitions];
        Group = new SimGroup(world, partitions);
    }

    public string Topic { get; }

    public int Partitions => _ends.Length;

    public SimGroup Group { get; }

    /// <summary>Every result record, repetitions included, in the order of its topic.</summary>
    public List<ResultMessage> Results { get; } = [];

    /// <summary>Origins of every dead letter, repetitions included.</summary>
    public List<(int Partition, long Offset)> DeadLetters { get; } = [];

    /// <summary>Offsets committed for lag tools.</summary>
    public Dictionary<int, long> Committed { get; } = [];

    /// <summary>How often a produce request or its acknowledgement is lost.</summary>
    public double LossRate { get; set; }

    /// <summary>See <see cref="SimSabotage.BrokerLosesAcknowledged"/>.</summary>
    public bool LosesAcknowledged { get; set; }

    public long End(int partition) => _ends[partition];

    public IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> Source(int partition) => _source[partition];

    /// <summary>Writes a record; now and then offsets before it hold none (transaction markers, compaction).</summary>
    public void Append(int partition, string key, string value)
    {
        if (_world.Happens(0.1))
        {
            _ends[partition] += _world.Random.Next(1, 4);
        }

        _source[partition].Add(new ConsumeResult<byte[]?, byte[]?>
        {
            TopicPartitionOffset = new TopicPartitionOffset(Topic, partition, _ends[partition]++),
            Message = new Message<byte[]?, byte[]?>
            {
                Key = Encoding.UTF8.GetBytes(key),
                Value = Encoding.UTF8.GetBytes(value),
                Headers = [],
                Timestamp = new Timestamp(_world.Clock.GetUtcNow()),
            },
        });
    }

    /// <summary>The first record at or after an offset; null at the end.</summary>
    public ConsumeResult<byte[]?, byte[]?>? Read(int partition, long offset)
    {
        var records = _source[partition];
        var (low, high) = (0, records.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = records[middle].Offset.Value < offset ? (middle + 1, high) : (low, middle);
        }

        return low < records.Count ? records[low] : null;
    }

    /// <summary>A produce request.</summary>
    public Task ProduceAsync(Action append) => _world.RequestAsync(
        _server,
        () => _world.Happens(LossRate),
        TimeSpan.FromSeconds(2),
        "the broker",
        () =>
        {
            if (!LosesAcknowledged || !_world.Happens(0.02))
            {
                append();
            }

            return true;
        });
}
