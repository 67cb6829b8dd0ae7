using System.Text;
using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Host.Configuration;

namespace Streams.Host.Oracles;

/// <summary>Follows the records of one key on a topic from the oldest on, without a consumer group. For one thread at a time.</summary>
internal sealed class TopicReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly string _topic;
    private readonly byte[] _key;

    // Partitions whose end has not been seen yet.
    private readonly HashSet<int> _unread;

    /// <exception cref="StreamsException">No broker answers, or it has no such topic.</exception>
    public TopicReader(StreamsOptions options, string topic, string key)
    {
        (_topic, _key) = (topic, Encoding.UTF8.GetBytes(key));
        var config = options.Kafka.ToConsumerConfig($"{options.Kafka.GroupId}.oracle");
        config.EnablePartitionEof = true;
        _consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        try
        {
            using var admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
            var partitions = Broker.Metadata(admin, options.Kafka.BootstrapServers).Topics.FirstOrDefault(known => known.Topic == topic)?.Partitions;
            if (partitions is not { Count: > 0 })
            {
                throw new StreamsException($"There is no topic {topic} at {options.Kafka.BootstrapServers}", "create the topics with `streams topics create`");
            }

            _unread = [.. partitions.Select(partition => partition.PartitionId)];
            _consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        }
        catch
        {
            _consumer.Dispose();
            throw;
        }
    }

    /// <summary>The key's records up to the end of now when called first; later, those that have come in since.</summary>
    public IEnumerable<ConsumeResult<byte[], byte[]>> ReadNew(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var toEnd = _unread.Count > 0;
            var record = _consumer.Consume(toEnd ? Patience : TimeSpan.Zero);
            if (record is null && toEnd)
            {
                throw new StreamsException($"{_topic} was not read to its end: nothing came for {Patience.TotalSeconds:0} s", "check the broker with `streams doctor`");
            }

            if (record is null)
            {
                yield break;
            }

            if (record.IsPartitionEOF)
            {
                _unread.Remove(record.Partition.Value);
                if (toEnd && _unread.Count == 0)
                {
                    yield break;
                }
            }
            else if (record.Message.Key is { } key && key.AsSpan().SequenceEqual(_key))
            {
                yield return record;
            }
        }
    }

    public void Dispose() => _consumer.Dispose();
}
