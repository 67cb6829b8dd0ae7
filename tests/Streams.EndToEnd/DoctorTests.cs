using System.Text.Json;
using Streams.DevBroker.Security;
using Streams.EndToEnd.Support;
using Streams.TestKit.Kafka;
using Streams.TestKit.Redis;
using Streams.TestKit.Security;

namespace Streams.EndToEnd;

/// <summary>What <c>streams doctor</c> says of each thing that can be wrong: one line, with its remedy.</summary>
public sealed class DoctorTests
{
    private const string Nowhere = "127.0.0.1:1";

    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public async Task Doctor_NoFfmpeg_NamesThePackage()
    {
        var empty = Directory.CreateTempSubdirectory("streams-path-").FullName;
        var finding = await FindingAsync("ffmpeg", new Dictionary<string, string> { ["PATH"] = empty }, "--kafka", Nowhere, "--redis",
            $"{Nowhere},connectTimeout=500");
        Assert.False(finding.Ok);
        Assert.Equal("apt-get install ffmpeg", finding.Remedy);
        Directory.Delete(empty);
    }

    [Fact]
    public async Task Doctor_DiskFull_NamesTheFolderAndTheSetting()
    {
        // A file system that has no room for anybody.
        var finding = await FindingAsync("disk", None, "--kafka", Nowhere, "--redis", $"{Nowhere},connectTimeout=500", "--set",
            "Streams:Embedded:DataDirectory=/proc/streams");
        Assert.False(finding.Ok);
        Assert.Equal("0.0 GiB free for /proc/streams", finding.Detail);
        Assert.Contains("Streams:Embedded:DataDirectory", finding.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broker", "Streams:Kafka:BootstrapServers")]
    [InlineData("redis", "Streams:Redis:ConnectionString")]
    public async Task Doctor_ServiceDown_NamesTheSetting(string service, string setting)
    {
        var finding = await FindingAsync(service, None, "--kafka", Nowhere, "--redis", $"{Nowhere},connectTimeout=500");
        Assert.False(finding.Ok);
        Assert.StartsWith(Nowhere, finding.Detail, StringComparison.Ordinal);
        Assert.Contains(setting, finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_WrongPasswords_AreToldFromServicesThatAreDown()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        using var certificate = new LoopbackCertificate();
        await using var redis = await new RedisServer(guard: new RedisGuard(certificate, "streams", "right")).StartAsync();
        await using var broker = await TestBroker.StartInProcessAsync(options => options with
        {
            Security = new DevBrokerSecurity { Users = new Dictionary<string, string> { ["streams"] = "right" } },
        });
        string[] arguments =
        [
            "--kafka", broker.BootstrapServers, "--redis", $"{redis.ConnectionString},ssl=true,sslHost=localhost,user=streams,password=wr0ng",
            "--set", $"Streams:Redis:CertificateAuthorityFile={certificate.CertificateFile}",
            "--set", "Streams:Kafka:Properties:security.protocol=SASL_PLAINTEXT", "--set", "Streams:Kafka:Properties:sasl.mechanism=SCRAM-SHA-256",
            "--set", "Streams:Kafka:Properties:sasl.username=streams", "--set", "Streams:Kafka:Properties:sasl.password=wr0ng",
        ];
        var kafka = await FindingAsync("broker", None, arguments);
        Assert.Contains("refuses the credentials", kafka.Detail, StringComparison.Ordinal);
        Assert.Contains("sasl.password", kafka.Remedy, StringComparison.Ordinal);
        var cache = await FindingAsync("redis", None, arguments);
        Assert.Contains("refuses the credentials", cache.Detail, StringComparison.Ordinal);
        Assert.Contains("password=", cache.Remedy, StringComparison.Ordinal);
        var untrusted = await FindingAsync("redis", None, arguments[..4]);
        Assert.Contains("TLS fails", untrusted.Detail, StringComparison.Ordinal);
        Assert.Contains("CertificateAuthorityFile", untrusted.Remedy, StringComparison.Ordinal);
        Assert.All([kafka, cache], finding => Assert.DoesNotContain("wr0ng", $"{finding}", StringComparison.Ordinal));
    }

    private static async Task<Finding> FindingAsync(string name, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var (exitCode, output, _) = await HostProcess.RunAsync(variables, ["doctor", "--json", .. arguments]);
        Assert.Equal(1, exitCode);
        return output.Trim().Split('\n').Select(line => JsonSerializer.Deserialize<Finding>(line, JsonSerializerOptions.Web)!).Single(finding =>
            finding.Name == name);
    }

    private sealed record Finding(string Name, bool Ok, string Detail, string? Remedy);
}
