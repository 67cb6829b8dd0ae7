using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streams.TestKit;
using Streams.TestKit.Redis;

namespace Streams.Benchmarks.Pipeline;

/// <summary>What the hosts of one section share: <c>streams broker</c> and a redis-server with an append-only file, a process each, or embedded ones.</summary>
internal sealed class Services : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-bench-").FullName;
    private readonly List<Child> _children = [];
    private readonly Dictionary<Child, string> _urls = [];
    private Child? _broker;
    private int _hosts;

    private Services()
    {
    }

    public string Kafka { get; private set; } = "";

    public RedisServer Redis { get; } = new();

    /// <summary>Null when STREAMS_KAFKA names a broker.</summary>
    public Child? Broker => _broker;

    /// <summary>From the start of the broker's process to its first connection.</summary>
    public TimeSpan BrokerStart { get; private set; }

    /// <param name="kafka">A broker that is there already; by default the one that STREAMS_KAFKA names, or one of their own.</param>
    public static async Task<Services> StartAsync(string? kafka = null)
    {
        var services = new Services();
        await services.Redis.StartAsync();
        kafka ??= Environment.GetEnvironmentVariable("STREAMS_KAFKA") is { Length: > 0 } named ? named : null;
        services.Kafka = kafka ?? await services.StartBrokerAsync();
        await services.CreateTopicAsync(Loads.Aside, 1);
        return services;
    }

    /// <summary>Where a host's dashboard is.</summary>
    public string UrlOf(Child host) => _urls[host];

    /// <summary>Makes the topic, empty.</summary>
    public async Task CreateTopicAsync(string topic, int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Kafka }).SetLogHandler((_, _) => { }).Build();
        if (admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Any(known => known.Topic == topic))
        {
            await admin.DeleteTopicsAsync([topic]);
        }

        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions }]);
    }

    /// <summary>A host with state and group of its own, or those of <paramref name="cluster"/>.</summary>
    /// <param name="topic">Whose progress it tells.</param>
    /// <param name="processors">real, counting or slow, see <see cref="Roles.HostRole"/>.</param>
    /// <param name="cluster">Name of a cluster that it joins.</param>
    /// <param name="settings">Further settings, NAME=VALUE.</param>
    public Child StartHost(string topic, string processors, string? cluster = null, params IEnumerable<string> settings)
    {
        var ports = LoopbackPorts.Free(3);
        var name = cluster ?? $"bench{++_hosts}";
        var url = $"http://127.0.0.1:{ports[2]}";
        var host = Keep(Child.OfRole([
            "host", topic, processors,
            $"Streams:Kafka:BootstrapServers={Kafka}",
            $"Streams:Kafka:GroupId={name}",
            $"Streams:Redis:ConnectionString={Redis.ConnectionString}",
            $"Streams:Orleans:ClusterId={name}",
            $"Streams:Orleans:ServiceId={name}",
            "Streams:Orleans:AdvertisedAddress=127.0.0.1",
            $"Streams:Orleans:SiloPort={ports[0]}",
            $"Streams:Orleans:GatewayPort={ports[1]}",
            $"Streams:Dashboard:Url={url}",
            $"Streams:Embedded:DataDirectory={_folder}/{name}",
            .. settings]));
        _urls[host] = url;
        return host;
    }

    public Child StartRaw(string topic, long records) => Keep(Child.OfRole("raw", Kafka, topic, records.ToString(CultureInfo.InvariantCulture)));

    public async ValueTask DisposeAsync()
    {
        foreach (var child in _children)
        {
            await child.DisposeAsync();
        }

        await Redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>It is ended with these services at the latest.</summary>
    private Child Keep(Child child)
    {
        _children.Add(child);
        return child;
    }

    private async Task<string> StartBrokerAsync()
    {
        var port = LoopbackPorts.Free(1)[0];
        var began = Stopwatch.GetTimestamp();
        _broker = Keep(Child.OfProduct("broker", "--kafka-port", port.ToString(CultureInfo.InvariantCulture), "--data-dir", Path.Combine(_folder, "broker")));
        await ConnectAsync(port, _broker);
        BrokerStart = Stopwatch.GetElapsedTime(began);
        return $"127.0.0.1:{port}";
    }

    /// <summary>Returns when something listens.</summary>
    public static async Task ConnectAsync(int port, Child process)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!process.HasExited && await timer.WaitForNextTickAsync())
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        throw new InvalidOperationException("the broker ended before it listened");
    }
}
