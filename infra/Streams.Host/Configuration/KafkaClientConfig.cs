using Confluent.Kafka;
using Streams.Ingest;

namespace Streams.Host.Configuration;

/// <summary>Client settings for the host's own readers of results and queries.</summary>
internal static class KafkaClientConfig
{
    public static ConsumerConfig ToConsumerConfig(this KafkaOptions options, string groupId) => new(new Dictionary<string, string>(options.Properties))
    {
        BootstrapServers = options.BootstrapServers,
        ClientId = options.ClientId,
        GroupId = groupId,
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        IsolationLevel = IsolationLevel.ReadCommitted,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        FetchWaitMaxMs = 20,
        // The client rests this long when its prefetch is full; the default is a second.
        FetchQueueBackoffMs = 10,
    };

    public static AdminClientConfig ToAdminConfig(this KafkaOptions options) => new(new Dictionary<string, string>(options.Properties))
    {
        BootstrapServers = options.BootstrapServers,
        ClientId = options.ClientId,
    };
}
