using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streams.Ingest.Publishing;

namespace Streams.Ingest;

/// <summary>The one place where options become client settings.</summary>
internal static class KafkaClients
{
    /// <summary>Largest value that a topic takes.</summary>
    public const int MaxValueBytes = 16 * 1024 * 1024;

    /// <summary>Largest record batch that a topic takes: the largest value with its key, headers and the batch's own overhead.</summary>
    public const int MaxRecordBytes = MaxValueBytes + (64 * 1024);

    /// <summary>
    /// The clients' own limit, wider than the topics' so that the broker decides. Batches do not grow to it: batch.size bounds them.
    /// </summary>
    public const int MaxMessageBytes = MaxRecordBytes + (1024 * 1024);

    public static ConsumerConfig Consumer(KafkaOptions options, string groupId, int prefetchKilobytes, TimeSpan maxPollInterval)
    {
        var config = new ConsumerConfig(new Dictionary<string, string>(options.Properties))
        {
            BootstrapServers = options.BootstrapServers,
            ClientId = options.ClientId,
            GroupId = groupId,
            // Offsets of truth lie with the state; the group's offsets are written by hand, for lag tools only.
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            MaxPollIntervalMs = (int)maxPollInterval.TotalMilliseconds,
            QueuedMaxMessagesKbytes = prefetchKilobytes,
            ReceiveMessageMaxBytes = 128 * 1024 * 1024,
        };
        // When what was fetched ahead reaches its bound, the client rests this long before it asks for more; its default of a second
        // makes a stream of large records crawl.
        config.FetchQueueBackoffMs ??= 10;
        // A record larger than the limits still comes, one per response; the rest keeps the prefetch within its bounds.
        config.FetchMaxBytes ??= 32 * 1024 * 1024;
        config.MessageMaxBytes = MaxMessageBytes;
        return config;
    }

    public static ConsumerConfig GroupConsumer(KafkaOptions options, string topic, int prefetchKilobytes, TimeSpan maxPollInterval)
    {
        var config = Consumer(options, GroupId(options, topic), prefetchKilobytes, maxPollInterval);
        config.GroupInstanceId = options.GroupInstanceId;
        if (options.GroupProtocol == ConsumerGroupProtocol.Consumer)
        {
            config.GroupProtocol = GroupProtocol.Consumer;
        }
        else
        {
            config.GroupProtocol = GroupProtocol.Classic;
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            config.SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds;
            config.HeartbeatIntervalMs = (int)options.HeartbeatInterval.TotalMilliseconds;
        }

        return config;
    }

    public static string GroupId(KafkaOptions options, string topic) => $"{options.GroupId}.{topic}";

    public static ProducerConfig Producer(KafkaOptions options, PublisherOptions publisher) =>
        new(new Dictionary<string, string>(options.Properties))
        {
            BootstrapServers = options.BootstrapServers,
            ClientId = options.ClientId,
            EnableIdempotence = true,
            Acks = Acks.All,
            // Keys land where Java clients put them, so that all producers agree on the partition.
            Partitioner = Partitioner.Murmur2Random,
            CompressionType = publisher.Compression switch
            {
                PublisherCompression.Zstd => CompressionType.Zstd,
                PublisherCompression.Lz4 => CompressionType.Lz4,
                _ => CompressionType.None,
            },
            LingerMs = publisher.Linger.TotalMilliseconds,
            MessageTimeoutMs = (int)publisher.DeliveryTimeout.TotalMilliseconds,
            MessageMaxBytes = KafkaClients.MaxMessageBytes,
            QueueBufferingMaxKbytes = publisher.QueueBytes / 1024,
        };

    public static AdminClientConfig Admin(KafkaOptions options) =>
        new(new Dictionary<string, string>(options.Properties)) { BootstrapServers = options.BootstrapServers, ClientId = options.ClientId };

    /// <summary>Client library messages go to our log under their own level.</summary>
    public static void Forward(ILogger logger, LogMessage message) =>
        logger.KafkaClientMessage(
            (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging), message.Facility, message.Message);
}
