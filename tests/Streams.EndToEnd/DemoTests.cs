using Streams.EndToEnd.Support;
using Streams.Ingest.Decoding;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas;
using Streams.TestKit;

namespace Streams.EndToEnd;

/// <summary>Cameras and sensors through a whole host.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly string Readings = Repository.PathOf("infra", "Streams.Host", "Demo", "Data", "uscrn_daily_tmean_2020.csv");

    // Of the 155, whose graph costs seven times as much: in the host, and in the run that it is held against.
    private const int Sensors = 80;

    [Fact]
    public async Task Demo_Once_AccountsForEveryRecord()
    {
        var ports = LoopbackPorts.Free(5);
        var (exitCode, output, error) = await HostProcess.RunAsync(
            "demo", "--once", "--clips", "4",
            "--kafka-port", $"{ports[0]}", "--redis-port", $"{ports[1]}", "--dashboard-url", $"http://127.0.0.1:{ports[2]}",
            "--set", $"Streams:Orleans:SiloPort={ports[3]}", "--set", $"Streams:Orleans:GatewayPort={ports[4]}");

        Assert.True(exitCode == 0, output + error);
        Assert.Contains("20 from 3 cameras", output, StringComparison.Ordinal);
        Assert.Matches("circle, known at delta 0.05 after [0-9]+ of 12 clips captioned", output);
        Assert.DoesNotContain("not accounted for", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sensors_HostKilledInTheMiddle_GivesTheIdsAndValuesOfOneUndisturbedRun()
    {
        await using var host = await new HostProcess().StartAsync();
        var lines = await File.ReadAllLinesAsync(Readings, TestContext.Current.CancellationToken);
        await PublishAsync(host, lines, 1, lines.Length / 2);
        await Eventually.TrueAsync(
            () => Task.FromResult(KafkaTopic.ReadAll(host.Kafka, Topics.SensorImputed).Count > 3), Patience, () => host.Output);
        await PublishAsync(host, lines, lines.Length / 2, lines.Length);
        await host.KillAsync();
        await host.StartAsync();

        var expected = await SequentialRun.OfAsync(host.Kafka, new SensorSignalDecoder(), new GraphFilterProcessorFactory(), Topics.SensorImputed);
        await Eventually.TrueAsync(
            () => Task.FromResult(KafkaTopic.ReadResults(host.Kafka, Topics.SensorImputed).Count >= expected.Count), Patience, () => host.Output);
        Assert.Equal(expected, KafkaTopic.ReadResults(host.Kafka, Topics.SensorImputed));
    }

    private static async Task PublishAsync(HostProcess host, string[] lines, int from, int to)
    {
        var file = Path.Combine(host.DataDirectory, $"{from}.csv");
        var rows = lines[from..to].Prepend(lines[0]).Select(line => string.Join(',', line.Split(',').Take(1 + Sensors)));
        await File.WriteAllLinesAsync(file, rows, TestContext.Current.CancellationToken);
        var (exitCode, _, error) = await HostProcess.RunAsync(
            "publish", "signals", "--network", "uscrn", "--source", file, "--units", "degC", "--rows", "6", "--kafka", host.Kafka);
        Assert.True(exitCode == 0, error);
    }
}
