using Confluent.Kafka;
using Streams.DevBroker.Security;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.TestKit.Kafka;
using Streams.TestKit.Redis;
using Streams.TestKit.Security;

namespace Streams.EndToEnd;

/// <summary>A host whose broker and Redis both speak TLS only and ask for a password.</summary>
public sealed class GuardedServicesTests : IDisposable
{
    private const string Secret = "s3cret-of-the-test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly LoopbackCertificate _certificate = new();

    [Fact]
    public async Task Host_ThatShowsWhatIsAsked_Works_AndATopicThatItMayNotUseStopsNoOther()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        await using var redis = await new RedisServer(guard: new RedisGuard(_certificate, "streams", Secret)).StartAsync();
        await using var broker = await TestBroker.StartInProcessAsync(options => options with
        {
            Security = new DevBrokerSecurity
            {
                Certificate = _certificate.Certificate,
                Users = new Dictionary<string, string> { ["streams"] = Secret },
                MayUse = (_, topic) => topic != Topics.SensorSignals,
            },
        });
        string[] access =
        [
            "--kafka", broker.BootstrapServers, "--redis", $"{redis.ConnectionString},ssl=true,sslHost=localhost,user=streams,password={Secret}",
            "--set", $"Streams:Redis:CertificateAuthorityFile={_certificate.CertificateFile}",
            "--set", "Streams:Kafka:Properties:security.protocol=SASL_SSL", "--set", "Streams:Kafka:Properties:sasl.mechanism=SCRAM-SHA-512",
            "--set", "Streams:Kafka:Properties:sasl.username=streams", "--set", $"Streams:Kafka:Properties:sasl.password={Secret}",
            "--set", $"Streams:Kafka:Properties:ssl.ca.location={_certificate.CertificateFile}",
        ];
        await using var host = new HostProcess(access);
        host.Launch();
        await Eventually.TrueAsync(() => Task.FromResult(host.Output.Contains("Streams is up", StringComparison.Ordinal)), Patience, () => host.Output);

        var client = new ClientConfig
        {
            BootstrapServers = broker.BootstrapServers,
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.ScramSha512,
            SaslUsername = "streams",
            SaslPassword = Secret,
            SslCaLocation = _certificate.CertificateFile,
        };
        using (var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig(client)).SetLogHandler((_, _) => { }).Build())
        {
            for (var i = 0; i < 50; i++)
            {
                producer.Produce(Topics.LabelSamples, KafkaTopic.Sample("animals", $"{i}", "cat"));
            }

            producer.Flush(Patience);
        }

        // From Kafka through grain and Redis to REST.
        using var http = new HttpClient { BaseAddress = new Uri(host.Url) };
        await Eventually.TrueAsync(
            async () => (await http.GetAsync($"/api/results/{Topics.LabelModes}/latest?key=animals")).IsSuccessStatusCode, Patience, () => host.Output);

        Assert.Contains($"nor create topic {Topics.SensorSignals}", host.Output, StringComparison.Ordinal);
        // Ready, because the others run, and the one that does not is named.
        string? health = null;
        await Eventually.TrueAsync(
            async () =>
            {
                // 503 until the last of the others runs.
                using var response = await http.GetAsync("/health/ready");
                health = await response.Content.ReadAsStringAsync();
                return response.IsSuccessStatusCode && health.Contains("DEGRADED", StringComparison.Ordinal);
            },
            Patience,
            () => $"{health}\n{host.Output}");
        Assert.Contains($"{Topics.SensorSignals}: the broker refuses it", health, StringComparison.Ordinal);
        var doctor = await HostProcess.RunAsync(["doctor", "--json", .. access]);
        Assert.Contains("\"redis\",\"ok\":true", doctor.Output, StringComparison.Ordinal);
        var topics = await HostProcess.RunAsync(["topics", "create", .. access.Where((_, i) => i is not (2 or 3))]);
        Assert.Equal(1, topics.ExitCode);
        Assert.Contains(Topics.SensorSignals, topics.Error, StringComparison.Ordinal);
        Assert.All([host.Output, doctor.Output, doctor.Error, topics.Error], text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }

    public void Dispose() => _certificate.Dispose();
}
