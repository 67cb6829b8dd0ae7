using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Streams.DevBroker;

namespace Streams.TestKit.Kafka;

/// <summary>
/// A Kafka broker for a test: a DevBroker in this process, on a free loopback port with its own temporary folder. When the
/// environment variable STREAMS_KAFKA names host:port, that broker is used instead.
/// </summary>
public sealed class TestBroker : IAsyncDisposable
{
    public const string ExternalBrokerVariable = "STREAMS_KAFKA";

    /// <summary>Asked once per test program; a broker that does not answer fails every test that wants it, with its reason.</summary>
    private static readonly Lazy<Task> s_announced = new(AnnounceAsync);

    private readonly DevBrokerOptions? _options;
    private readonly ILoggerFactory? _loggers;
    private readonly string? _external;
    private DevBrokerServer? _server;

    private TestBroker(DevBrokerOptions? options, ILoggerFactory? loggers, string? external)
    {
        _options = options;
        _loggers = loggers;
        _external = external;
    }

    public string BootstrapServers => _external ?? Server.BootstrapServers;

    private static string? External => Environment.GetEnvironmentVariable(ExternalBrokerVariable) is { Length: > 0 } external ? external : null;

    /// <summary>False when STREAMS_KAFKA points to a broker that the test cannot restart or look into.</summary>
    public bool IsInProcess => _external is null;

    public DevBrokerServer Server => _server ?? throw new InvalidOperationException("No broker runs in this process.");

    public string DataDirectory => _options?.DataDirectory ?? throw new InvalidOperationException("The broker runs elsewhere.");

    /// <summary>Starts a broker, or takes the one that STREAMS_KAFKA names.</summary>
    public static async Task<TestBroker> StartAsync(Func<DevBrokerOptions, DevBrokerOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        if (External is not { } external)
            return await StartInProcessAsync(configure, loggers);
        await s_announced.Value;
        return new TestBroker(null, null, external);
    }

    /// <summary>Starts a broker in this process whatever STREAMS_KAFKA says.</summary>
    public static async Task<TestBroker> StartInProcessAsync(Func<DevBrokerOptions, DevBrokerOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        var options = new DevBrokerOptions { DataDirectory = Directory.CreateTempSubdirectory("streams-broker-").FullName, Port = 0 };
        options = configure?.Invoke(options) ?? options;
        var broker = new TestBroker(options, loggers, null);
        await broker.StartServerAsync(options.Port);
        return broker;
    }

    /// <summary>A name that no other test uses, also on a broker shared between runs.</summary>
    public static string UniqueName(string prefix) => $"{prefix}.{Guid.NewGuid():N}";

    public async Task CreateTopicAsync(string name, int partitions = 1, IReadOnlyDictionary<string, string>? configs = null)
    {
        using var admin = CreateAdmin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions, Configs = configs is null ? [] : new(configs) }]);
    }

    public IAdminClient CreateAdmin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();

    /// <summary>Stops the broker, in order or as a kill would, and starts it again on the same port and folder.</summary>
    /// <param name="killed">Leave the files as a killed process leaves them.</param>
    /// <param name="whileStopped">Runs between stop and start, for instance to damage files.</param>
    public async Task RestartAsync(bool killed = false, Action? whileStopped = null)
    {
        int port = Server.Endpoint.Port;
        await Server.StopAsync(inOrder: !killed);
        whileStopped?.Invoke();
        await StartServerAsync(port);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is null)
            return;
        await _server.DisposeAsync();
        Directory.Delete(_options!.DataDirectory, recursive: true);
    }

    private static async Task AnnounceAsync() => Console.WriteLine($"{ExternalBrokerVariable}: {await BrokerIdentity.DescribeAsync(External!)}");

    private async Task StartServerAsync(int port)
    {
        _server = new DevBrokerServer(_options! with { Port = port }, _loggers);
        await _server.StartAsync();
    }
}
