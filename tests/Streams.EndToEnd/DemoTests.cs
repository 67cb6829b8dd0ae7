using Streams.EndToEnd.Support;
using Streams.Ingest.Decoding;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas;

namespace Streams.EndToEnd;

/// <summary>Cameras and sensors through a whole host.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly string Readings = Repository.PathOf("infra", "Streams.Host", "Demo", "Data", "uscrn_daily_tmean_2020.csv");

    [Fact]
    public async Task Demo_Once_AccountsForEveryRecord()
    {
        var ports = HostProcess.FreePorts(5);
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
        var publish = HostProcess.RunAsync("publish", "signals", "--network", "uscrn", "--source", Readings, "--units", "degC", "--rows", "6", "--kafka", host.Kafka);
        Assert.Equal(0, (await publish).ExitCode);
        await Eventually.TrueAsync(
            () => Task.FromResult(KafkaTopic.ReadAll(host.Kafka, Topics.SensorImputed).Count > 3), Patience, () => host.Output);
        await host.KillAsync();
        await host.StartAsync();

        var expected = await SequentialRun.OfAsync(host.Kafka, new SensorSignalDecoder(), new GraphFilterProcessorFactory(), Topics.SensorImputed);
        await Eventually.TrueAsync(
            () => Task.FromResult(KafkaTopic.ReadResults(host.Kafka, Topics.SensorImputed).Count >= expected.Count), Patience, () => host.Output);
        Assert.Equal(expected, KafkaTopic.ReadResults(host.Kafka, Topics.SensorImputed));
    }
}
