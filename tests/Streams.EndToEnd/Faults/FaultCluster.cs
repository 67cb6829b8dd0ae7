using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StackExchange.Redis;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.TestKit.Redis;

namespace Streams.EndToEnd.Faults;

/// <summary>
/// Separate processes over loopback: a broker, a redis-server with an append-only file, and hosts that are clustered through it. With
/// <c>STREAMS_KAFKA</c> the broker is that one; the pipeline's topics on it are deleted first.
/// </summary>
public sealed class FaultCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string[] _settings;
    private readonly string _group = $"faults-{Guid.NewGuid():n}";

    private FaultCluster(BrokerProcess? broker, RedisServer redis, string[] settings) => (Broker, Redis, _settings) = (broker, redis, settings);

    /// <summary>Null when STREAMS_KAFKA names one.</summary>
    public BrokerProcess? Broker { get; }

    public RedisServer Redis { get; }

    public List<HostProcess> Hosts { get; } = [];

    public string Kafka => Broker?.BootstrapServers ?? Environment.GetEnvironmentVariable("STREAMS_KAFKA")!;

    /// <summary>Prefix of the hosts' consumer groups.</summary>
    public string Group => _group;

    public static async Task<FaultCluster> StartAsync(int hosts, int partitions, params string[] settings)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        var broker = Environment.GetEnvironmentVariable("STREAMS_KAFKA") is { Length: > 0 } ? null : await new BrokerProcess().StartAsync();
        var cluster = new FaultCluster(broker, await new RedisServer().StartAsync(), settings);
        await cluster.CreateTopicAsync(partitions);
        for (var i = 0; i < hosts; i++)
        {
            cluster.Hosts.Add(cluster.NewHost());
        }

        // One after another: each finds the ones before it.
        foreach (var host in cluster.Hosts)
        {
            await host.StartAsync();
        }

        return cluster;
    }

    /// <summary>A host that is not started yet.</summary>
    public HostProcess NewHost(params string[] settings) => new([
        "--kafka", Kafka,
        "--redis", Redis.ConnectionString + ",abortConnect=false",
        .. new[] { "Streams:Orleans:AdvertisedAddress=127.0.0.1", $"Streams:Kafka:GroupId={_group}" }.Concat(_settings).Concat(settings).SelectMany(setting => new[] { "--set", setting })]);

    /// <summary>Ends of the source topic's partitions.</summary>
    public Dictionary<int, long> Ends()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = Kafka, GroupId = "ends" }).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        return admin.GetMetadata(Topics.LabelSamples, Patience).Topics[0].Partitions.ToDictionary(
            partition => partition.PartitionId,
            partition => consumer.QueryWatermarkOffsets(new TopicPartition(Topics.LabelSamples, partition.PartitionId), Patience).High.Value);
    }

    /// <summary>Waits until everything that was written is processed, durably, and shown.</summary>
    public async Task SettleAsync()
    {
        var ends = Ends();
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                using var redis = await ConnectionMultiplexer.ConnectAsync(Redis.ConnectionString);
                var cursors = new Dictionary<int, long>();
                foreach (var partition in ends.Keys)
                {
                    var next = await redis.GetDatabase().HashGetAsync($"streams/state/{{live|{Topics.LabelSamples}}}/cursor/{partition}", "next");
                    cursors[partition] = next.IsNull ? 0 : (long)next;
                }

                seen = string.Join(", ", ends.Select(end => string.Create(CultureInfo.InvariantCulture, $"{end.Key}: {cursors[end.Key]} of {end.Value}")));
                return ends.All(end => cursors[end.Key] >= end.Value);
            },
            Patience,
            () => $"not all is processed: {seen}\n{string.Join("\n---\n", Hosts.Select(host => string.Join('\n', host.Output.Split('\n').TakeLast(60))))}");
    }

    /// <summary>Distinct results of a topic as REST counts them; null while Redis does not answer.</summary>
    public static async Task<long?> ServedAsync(HostProcess host, string topic)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"{host.Url}/api/status")));
        return json.RootElement.TryGetProperty("counts", out var counts) ? counts.GetProperty(topic).GetInt64() : null;
    }

    /// <summary>The result that REST shows for each key: id and value, written as the topic has it.</summary>
    public static async Task<List<(string Id, string Value)>> LatestAsync(HostProcess host, string topic)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"{host.Url}/api/results/{topic}/latest")));
        return [.. json.RootElement.GetProperty("results").EnumerateArray().Select(result => (result.GetProperty("id").GetString()!, result.GetProperty("data").GetRawText()))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Hosts)
        {
            await host.DisposeAsync();
        }

        await Redis.DisposeAsync();
        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }
    }

    private async Task CreateTopicAsync(int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Kafka }).SetLogHandler((_, _) => { }).Build();
        if (Broker is null)
        {
            var known = admin.GetMetadata(Patience).Topics.Select(topic => topic.Topic).Where(name => name.StartsWith("label.", StringComparison.Ordinal)).ToList();
            if (known.Count > 0)
            {
                await admin.DeleteTopicsAsync(known);
                await Eventually.TrueAsync(
                    () => Task.FromResult(!admin.GetMetadata(Patience).Topics.Any(topic => known.Contains(topic.Topic))), Patience, () => "the topics of an earlier test do not go");
            }
        }

        await admin.CreateTopicsAsync([new TopicSpecification { Name = Topics.LabelSamples, NumPartitions = partitions, ReplicationFactor = 1 }]);
    }
}
