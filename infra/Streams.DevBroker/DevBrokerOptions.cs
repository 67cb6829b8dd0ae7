using System.Net;
using Streams.DevBroker.Security;

namespace Streams.DevBroker;

/// <summary>Settings of the broker. All have defaults but <see cref="DataDirectory"/>.</summary>
public sealed record DevBrokerOptions
{
    /// <summary>The port Kafka clients try by custom.</summary>
    public const int DefaultPort = 9092;

    private const int Mebibyte = 1024 * 1024;

    /// <summary>The folder that holds topics, offsets and identities. Created when missing; one broker at a time may use it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// The address to listen on: an IP address, <c>localhost</c>, or <c>*</c> for all. Without <see cref="Security"/> keep to loopback on shared
    /// machines.
    /// </summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 picks a free one, told by <see cref="DevBrokerServer.Endpoint"/>.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The host name that clients are told to connect to; by default the address they can reach us at on this machine.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>The port that clients are told to connect to; by default the one listened on. For port forwarding.</summary>
    public int? AdvertisedPort { get; init; }

    /// <summary>What clients must show; nothing by default.</summary>
    public DevBrokerSecurity Security { get; init; } = new();

    /// <summary>Partitions of topics that are created without a number.</summary>
    public int DefaultPartitions { get; init; } = 4;

    /// <summary>Whether a topic that a client names and that does not exist is created.</summary>
    public bool AutoCreateTopics { get; init; } = true;

    /// <summary>Size at which a log file is closed and the next one begun.</summary>
    public int SegmentBytes { get; init; } = 128 * Mebibyte;

    /// <summary>Bytes kept per partition, -1 for no limit. Whole log files are deleted, so up to one segment more is kept.</summary>
    public long RetentionBytes { get; init; } = -1;

    /// <summary>Milliseconds that records are kept, -1 for no limit.</summary>
    public long RetentionMs { get; init; } = (long)TimeSpan.FromDays(7).TotalMilliseconds;

    /// <summary>The largest record batch taken. 16 MiB of payload, and room for key, headers and framing.</summary>
    public int MaxMessageBytes { get; init; } = (16 * Mebibyte) + (64 * 1024);

    /// <summary>The largest request taken; a longer one closes its connection.</summary>
    public int MaxRequestBytes { get; init; } = 100 * Mebibyte;

    /// <summary>
    /// Flush to disk before every answer. Off: what was acknowledged survives a kill of the process at once, and a loss of
    /// power after <see cref="FlushInterval"/> at the latest.
    /// </summary>
    public bool FlushEveryWrite { get; init; }

    /// <summary>How often written data is flushed to disk in the background. Ignored with <see cref="FlushEveryWrite"/>.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often retention and other limits by age are applied.</summary>
    public TimeSpan RetentionCheckInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the offsets of a consumer group without members are kept.</summary>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the sequence numbers of a silent idempotent producer are kept.</summary>
    public TimeSpan ProducerIdRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The longest time a producer may ask for to keep a transaction open; after its time a transaction is aborted.</summary>
    public TimeSpan TransactionMaxTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a transactional id that nobody uses is kept.</summary>
    public TimeSpan TransactionalIdRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the first rebalance of an empty group waits for further members.</summary>
    public TimeSpan GroupInitialRebalanceDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The shortest session timeout a group member may ask for.</summary>
    public TimeSpan GroupMinSessionTimeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest session timeout a group member may ask for.</summary>
    public TimeSpan GroupMaxSessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The address to bind, from <see cref="Host"/>.</summary>
    internal IPAddress BindAddress => Host switch
    {
        "*" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.Parse(Host),
    };

    /// <summary>Throws when a setting is out of range, with its name, value, limit and remedy.</summary>
    /// <exception cref="DevBrokerOptionsException">A setting is out of range.</exception>
    internal void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(DataDirectory), nameof(DataDirectory), DataDirectory, "must name a folder");
        Require(Host is "*" or "localhost" || IPAddress.TryParse(Host, out _), nameof(Host), Host, "must be an IP address, 'localhost' or '*'");
        Require(Port is >= 0 and <= ushort.MaxValue, nameof(Port), Port, "must be from 0 to 65535");
        Require(AdvertisedPort is null or (> 0 and <= ushort.MaxValue), nameof(AdvertisedPort), AdvertisedPort, "must be from 1 to 65535");
        Require(AdvertisedHost is null or { Length: > 0 and < 256 }, nameof(AdvertisedHost), AdvertisedHost, "must be a host name");
        Require(Security.Certificate is null or { HasPrivateKey: true }, nameof(Security), Security.Certificate?.Subject,
            "must have a certificate with its private key");
        Require(Security.Users.All(user => user.Key.Length > 0 && !user.Key.Contains('\0', StringComparison.Ordinal)), nameof(Security), "an empty name",
            "must name each user");
        Require(DefaultPartitions is > 0 and <= Topics.TopicCatalog.MaxPartitions, nameof(DefaultPartitions), DefaultPartitions, $"must be from 1 to {Topics.TopicCatalog.MaxPartitions}");
        Require(SegmentBytes >= 1024, nameof(SegmentBytes), SegmentBytes, "must be 1024 or more");
        Require(RetentionBytes >= -1, nameof(RetentionBytes), RetentionBytes, "must be -1 (no limit) or more");
        Require(RetentionMs >= -1, nameof(RetentionMs), RetentionMs, "must be -1 (no limit) or more");
        Require(MaxMessageBytes >= 1024, nameof(MaxMessageBytes), MaxMessageBytes, "must be 1024 or more");
        Require(MaxRequestBytes >= MaxMessageBytes, nameof(MaxRequestBytes), MaxRequestBytes, $"must not be less than MaxMessageBytes, {MaxMessageBytes}");
        Require(FlushInterval > TimeSpan.Zero, nameof(FlushInterval), FlushInterval, "must be more than 0");
        Require(RetentionCheckInterval > TimeSpan.Zero, nameof(RetentionCheckInterval), RetentionCheckInterval, "must be more than 0");
        Require(TransactionMaxTimeout > TimeSpan.Zero, nameof(TransactionMaxTimeout), TransactionMaxTimeout, "must be more than 0");
        Require(TransactionalIdRetention > TimeSpan.Zero, nameof(TransactionalIdRetention), TransactionalIdRetention, "must be more than 0");
        Require(GroupInitialRebalanceDelay >= TimeSpan.Zero, nameof(GroupInitialRebalanceDelay), GroupInitialRebalanceDelay, "must be 0 or more");
        Require(GroupMinSessionTimeout <= GroupMaxSessionTimeout, nameof(GroupMinSessionTimeout), GroupMinSessionTimeout, $"must not be more than GroupMaxSessionTimeout, {GroupMaxSessionTimeout}");
    }

    private static void Require(bool holds, string name, object? value, string rule)
    {
        if (!holds)
            throw new DevBrokerOptionsException($"The broker's {name} is '{value}'; it {rule}.");
    }
}
