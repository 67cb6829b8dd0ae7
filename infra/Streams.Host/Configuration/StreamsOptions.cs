using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using StackExchange.Redis;
using Streams.Dashboard.Security;
using Streams.Host.Telemetry;
using Streams.Ingest;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;
using Streams.Ingest.Replay;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Processors.ModeEstimation;

namespace Streams.Host.Configuration;

/// <summary>Everything that can be set, under the configuration section <c>Streams</c>. A setting that is not here is refused at start.</summary>
public sealed class StreamsOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Streams";

    /// <summary>The broker. Without bootstrap servers an embedded one is started.</summary>
    public KafkaOptions Kafka { get; set; } = new();

    /// <summary>Redis. Without a connection string an embedded Garnet is started.</summary>
    public RedisOptions Redis { get; set; } = new();

    /// <summary>How long a start waits for a Redis or a broker that does not answer. Zero: not at all. Ignored for the embedded ones.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StartPatience { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The embedded services. Ignored where an outside service is named.</summary>
    public EmbeddedOptions Embedded { get; set; } = new();

    /// <summary>The web page, REST and SSE.</summary>
    public DashboardEndpointOptions Dashboard { get; set; } = new();

    /// <summary>Who may use the page, REST and SSE.</summary>
    public SecurityOptions Security { get; set; } = new();

    /// <summary>Traces, metrics and the log.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>The silo.</summary>
    public OrleansOptions Orleans { get; set; } = new();

    /// <summary>Reading of the source topics.</summary>
    public PumpOptions Pump { get; set; } = new();

    /// <summary>How much of the host a replay may take.</summary>
    public ReplayOptions Replay { get; set; } = new();

    /// <summary>Writing of records and results.</summary>
    public PublisherOptions Publisher { get; set; } = new();

    /// <summary>How results reach their topics.</summary>
    public ResultsOptions Results { get; set; } = new();

    /// <summary>
    /// Folder of a libtorch on this machine, for instance PyTorch's <c>torch/lib</c>. Empty: the one beside the program. Torch is loaded
    /// before the command line is read, so this is taken from <c>appsettings.json</c> or the environment.
    /// </summary>
    public string LibtorchDirectory { get; set; } = "";

    /// <summary>The captioning model and its device.</summary>
    public CaptionerOptions Captioner { get; set; } = new();

    /// <summary>How a camera's frames become clips.</summary>
    public CaptioningOptions Captioning { get; set; } = new();

    /// <summary>Graph-filter learning.</summary>
    public GraphFilterOptions GraphFilter { get; set; } = new();

    /// <summary>Mode estimation.</summary>
    public ModeEstimationOptions ModeEstimation { get; set; } = new();

    /// <summary>What the command line set, so that a run's own settings can be laid over the same.</summary>
    internal IReadOnlyDictionary<string, string?> CommandLine { get; set; } = new Dictionary<string, string?>();

    /// <summary>No bootstrap servers were named: this process brings its own broker.</summary>
    internal bool EmbeddedKafka { get; set; }

    /// <summary>No Redis was named: this process brings its own.</summary>
    internal bool EmbeddedRedis => Redis.ConnectionString.Length == 0;

    /// <summary>Where Redis is, embedded or not.</summary>
    internal string EffectiveRedis => EmbeddedRedis ? $"127.0.0.1:{Embedded.RedisPort}" : Redis.ConnectionString;

    /// <summary>How Redis is reached: the one place where the settings become a client's.</summary>
    /// <exception cref="Cli.StreamsException">They cannot be used.</exception>
    internal ConfigurationOptions RedisClient()
    {
        try
        {
            var client = ConfigurationOptions.Parse(EffectiveRedis);
            if (client.Ssl && Redis.CertificateAuthorityFile.Length > 0)
            {
                client.TrustIssuer(Redis.CertificateAuthorityFile);
            }

            if (EmbeddedRedis)
            {
                // Each write waits for the disk, and shares processors with all the rest: on a busy machine the default of 5 s is not enough.
                client.AsyncTimeout = client.SyncTimeout = 20_000;
            }

            return client;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // Not its value, which may hold a password.
            throw new Cli.StreamsException($"Streams:Redis:ConnectionString cannot be read ({e.Message.ReplaceLineEndings(" ")})",
                "write host:port,option=value,…");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new Cli.StreamsException($"Streams:Redis:CertificateAuthorityFile is '{Redis.CertificateAuthorityFile}' ({e.Message})",
                "name a PEM file with the authority's certificate");
        }
    }
}

/// <summary>Where Redis is.</summary>
public sealed class RedisOptions
{
    /// <summary>A StackExchange.Redis connection string, for instance <c>redis:6379,password=…</c>. Empty: embedded Garnet.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// PEM file of the authority that signed the server's certificate, where the machine does not trust it anyway. Ignored without <c>ssl=true</c>.
    /// </summary>
    public string CertificateAuthorityFile { get; set; } = "";
}

/// <summary>The services that run inside the process when none is named.</summary>
public sealed class EmbeddedOptions
{
    /// <summary>Folder of the embedded broker's log and the embedded Redis' append-only file. Empty: <c>streams</c> in the user's data folder.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>Port of the embedded broker, on loopback.</summary>
    [Range(1, 65535)]
    public int KafkaPort { get; set; } = 9092;

    /// <summary>Port of the embedded Redis, on loopback. Not 6379, so that a Redis of the machine's own stays untouched.</summary>
    [Range(1, 65535)]
    public int RedisPort { get; set; } = 6380;

    /// <summary><see cref="DataDirectory"/>, or its default.</summary>
    internal string EffectiveDataDirectory => DataDirectory.Length > 0
        ? Path.GetFullPath(DataDirectory)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "streams");
}

/// <summary>Where the dashboard listens.</summary>
public sealed class DashboardEndpointOptions
{
    /// <summary>
    /// Address to listen on, or several with semicolons. Loopback unless told otherwise; elsewhere only with <see cref="StreamsOptions.Security"/>.
    /// </summary>
    [Required]
    public string Url { get; set; } = "http://127.0.0.1:5080";

    /// <summary>PEM file with the certificate (and its chain) for https addresses. Ignored for http.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM file with the certificate's private key. Ignored for http.</summary>
    public string CertificateKeyFile { get; set; } = "";

    /// <summary>Results kept per key and topic, newest first.</summary>
    [Range(1, 1_000_000)]
    public int HistoryPerKey { get; set; } = 10_000;
}

/// <summary>The silo. With embedded Redis it stands alone on loopback; otherwise silos find each other through Redis.</summary>
public sealed class OrleansOptions
{
    /// <summary>Silos of one cluster share it.</summary>
    [Required]
    public string ClusterId { get; set; } = "streams";

    /// <summary>Names the stored state; changing it starts from nothing.</summary>
    [Required]
    public string ServiceId { get; set; } = "streams";

    /// <summary>Port between silos.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for clients of the cluster.</summary>
    [Range(1, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Address that other silos reach this one by. Empty: loopback when embedded, else the host's own address.</summary>
    public string AdvertisedAddress { get; set; } = "";
}
