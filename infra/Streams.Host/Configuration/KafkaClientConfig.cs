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

    /// <summary>For a reader that shares its topics with those of the other hosts: handed on within the session timeout, as the pumps'.</summary>
    public static ConsumerConfig ToGroupConfig(this KafkaOptions options, string groupId)
    {
        var config = options.ToConsumerConfig(groupId);
        config.GroupInstanceId = options.GroupInstanceId;
        if (options.GroupProtocol == ConsumerGroupProtocol.Consumer)
        {
            config.GroupProtocol = GroupProtocol.Consumer;
        }
        else
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            config.SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds;
            config.HeartbeatIntervalMs = (int)options.HeartbeatInterval.TotalMilliseconds;
        }

        return config;
    }

    public static AdminClientConfig ToAdminConfig(this KafkaOptions options) => new(new Dictionary<string, string>(options.Properties))
    {
        BootstrapServers = options.BootstrapServers,
        ClientId = options.ClientId,
    };
}
