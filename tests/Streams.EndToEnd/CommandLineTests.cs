using System.Net;
using System.Net.Sockets;
using Streams.EndToEnd.Support;
using Streams.TestKit;

namespace Streams.EndToEnd;

/// <summary>What a user sees when something is wrong: one line with a remedy, exit code 1.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("up", "--no-such-option")]
    [InlineData("publish", "video", "--camera", "gate", "--source", "/no/such/file.mp4")]
    [InlineData("publish", "signals", "--network", "n", "--source", "/no/such/file.csv")]
    [InlineData("watch", "everything")]
    [InlineData("watch", "captions", "--kafka", "127.0.0.1:1")]
    [InlineData("topics", "list", "--kafka", "127.0.0.1:1")]
    [InlineData("replay", "--topic", "sensor.signals", "--run", "Live!")]
    [InlineData("replay", "--topic", "no.topic", "--run", "check")]
    [InlineData("replay", "--topic", "sensor.signals", "--run", "check", "--dashboard-url", "http://127.0.0.1:1")]
    [InlineData("modes", "simulate", "--kafka", "127.0.0.1:1")]
    [InlineData("modes", "simulate", "--source", "/no/such/file.csv", "--task", "t")]
    [InlineData("oracle", "captions", "--camera", "gate", "--task", "t", "--attribute", "smell")]
    [InlineData("oracle", "captions", "--camera", "gate", "--task", "t", "--rule", "quorum-5")]
    [InlineData("oracle", "--task", "t", "--truths", "/no/such/file.csv", "--rule", "os-1v1")]
    [InlineData("publish", "task", "--task", "t", "--rule", "leader-betting-mix")]
    [InlineData("oracle", "captions", "--camera", "gate", "--task", "t", "--set", "Streams:Captioner:ModelDirectory=/no/such")]
    [InlineData("oracle", "captions", "--camera", "gate", "--task", "t", "--kafka", "127.0.0.1:1")]
    [InlineData("captioner", "load", "/no/such")]
    [InlineData("captioner", "load", "/no/such", "--device", "gpu")]
    [InlineData("captioner", "average", "/no/such", "/no/such/either", "--output", "/tmp/streams-no-such-model")]
    [InlineData("captioner", "watch", "/no/such", "/no/such.mp4")]
    [InlineData("captioner", "watch", "/no/such", "/no/such.mp4", "--seconds", "0")]
    [InlineData("captioner", "score", "--references", "/no/such.jsonl", "--predictions", "/no/such.jsonl")]
    [InlineData("captioner", "score", "--references", "/no/such.jsonl")]
    [InlineData("captioner", "eval", "--clips", "0")]
    [InlineData("captioner", "eval", "--model", "/no/such")]
    [InlineData("captioner", "train", "--output", "/tmp/streams-no-such-training", "--resume")]
    [InlineData("captioner", "train", "--output", "/tmp/streams-no-such-training", "--image-share", "2")]
    [InlineData("up", "--set", "Streams:NoSuchSetting=1")]
    [InlineData("up", "--set", "Streams:Embedded:RedisPort=70000")]
    [InlineData("up", "--kafka", "127.0.0.1:1", "--set", "Streams:StartPatience=00:00:00")]
    [InlineData("up", "--redis", "127.0.0.1:1,connectTimeout=500", "--set", "Streams:StartPatience=00:00:00")]
    public async Task Command_ThatCannotWork_SaysWhyInOneLineAndExitsWithOne(params string[] arguments)
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(arguments is ["up", ..] ? [.. arguments, .. OwnPorts()] : arguments);

        Assert.Equal(1, exitCode);
        var line = Assert.Single(error.Trim().Split('\n'), text => !text.Contains("%3|", StringComparison.Ordinal));
        Assert.StartsWith("streams: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_PortInUse_NamesThePortAndTheSetting()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        foreach (var option in (string[])["--kafka-port", "--redis-port"])
        {
            var ports = OwnPorts();
            var (exitCode, _, error) = await HostProcess.RunAsync(["up", .. ports.Take(4).Where((_, i) => !IsFor(ports, i, option)), .. ports[4..], option, $"{port}"]);
            Assert.Equal(1, exitCode);
            Assert.Contains($"{port}", error, StringComparison.Ordinal);
            Assert.Contains(option, error, StringComparison.Ordinal);
        }

        static bool IsFor(string[] ports, int i, string option) => ports[i] == option || (i > 0 && ports[i - 1] == option);
    }

    [Fact]
    public async Task Doctor_NothingRuns_NamesARemedyForEach()
    {
        var (exitCode, output, _) = await HostProcess.RunAsync("doctor", "--kafka", "127.0.0.1:1", "--redis", "127.0.0.1:1,connectTimeout=500", "--json");

        Assert.Equal(1, exitCode);
        var lines = output.Trim().Split('\n');
        Assert.Equal(["ffmpeg", "broker", "redis", "accelerator", "disk", "dashboard"], lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()));
        Assert.All(lines.Where(line => line.Contains("\"ok\":false", StringComparison.Ordinal)), line => Assert.DoesNotContain("\"remedy\":null", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("publish", "video", "--help")]
    [InlineData("replay", "--help")]
    public async Task Help_Anywhere_ExitsWithZero(params string[] arguments)
    {
        var (exitCode, output, _) = await HostProcess.RunAsync(arguments);

        Assert.Equal(0, exitCode);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    // So that a test that should fail for another reason does not fail for a port, nor touch the user's folder.
    private static string[] OwnPorts()
    {
        var ports = LoopbackPorts.Free(5);
        return
        [
            "--kafka-port", $"{ports[0]}", "--redis-port", $"{ports[1]}", "--dashboard-url", $"http://127.0.0.1:{ports[2]}",
            "--data-dir", Path.Combine(Path.GetTempPath(), $"streams-cli-{ports[0]}"),
            "--set", $"Streams:Orleans:SiloPort={ports[3]}", "--set", $"Streams:Orleans:GatewayPort={ports[4]}",
        ];
    }
}
