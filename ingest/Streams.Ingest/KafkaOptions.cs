using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest;

/// <summary>How every Kafka client of the program reaches the broker.</summary>
public sealed class KafkaOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Streams:Kafka";

    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromSeconds(1.5);

    /// <summary>Comma-separated host:port of one or more brokers.</summary>
    [Required(AllowEmptyStrings = false)]
    public string BootstrapServers { get; set; } = "127.0.0.1:9092";

    /// <summary>Name under which the broker's logs and quotas know this program.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ClientId { get; set; } = "streams";

    /// <summary>Prefix of the consumer groups. Each source topic has a group of its own, <c>GroupId.TOPIC</c>, so that a slow topic never stalls another.</summary>
    [Required(AllowEmptyStrings = false)]
    public string GroupId { get; set; } = "streams";

    /// <summary>How the group shares out partitions.</summary>
    public ConsumerGroupProtocol GroupProtocol { get; set; } = ConsumerGroupProtocol.Classic;

    /// <summary>
    /// Name of this process that outlives it: a restart within the session timeout gets its partitions back without a rebalance.
    /// Must differ between processes. Null: dynamic membership.
    /// </summary>
    public string? GroupInstanceId { get; set; }

    /// <summary>
    /// After how long without a heartbeat the group hands a process's partitions on: the largest part of the pause after a killed process. Six
    /// seconds is the least that a broker takes by default (<c>group.min.session.timeout.ms</c>). Ignored under <see cref="ConsumerGroupProtocol.Consumer"/>, where the broker decides.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:06", "00:05:00")]
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// How often a member tells the group that it lives, and hears of a rebalance: a quarter of the session timeout, at most a second and a half. With a
    /// long session timeout (static members that restart) the others would else notice minutes later that one has come back.
    /// </summary>
    public TimeSpan HeartbeatInterval => SessionTimeout / 4 is var quarter && quarter < LongestHeartbeat ? quarter : LongestHeartbeat;

    /// <summary>
    /// Further librdkafka settings, such as <c>security.protocol</c>, <c>sasl.mechanism</c> or <c>ssl.ca.location</c>.
    /// Settings on which correctness rests (offset storage, commits, idempotence, the partitioner) cannot be overridden.
    /// </summary>
    public Dictionary<string, string> Properties { get; set; } = [];
}

/// <summary>Group membership protocols.</summary>
public enum ConsumerGroupProtocol
{
    /// <summary>Cooperative-sticky assignment by the clients; every broker has it.</summary>
    Classic,

    /// <summary>Assignment by the broker (KIP-848); Apache Kafka 4.0 and later.</summary>
    Consumer,
}
