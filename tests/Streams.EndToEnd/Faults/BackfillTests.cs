using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Streams.EndToEnd.Support;
using Streams.Schemas;

namespace Streams.EndToEnd.Faults;

/// <summary>A backfill beside live (reliability.md, section 3: tests 18, 19).</summary>
[Collection(FaultCollection.Name)]
public sealed class BackfillTests
{
    private const int LiveRate = 500;

    [Fact]
    public async Task Live_WhileABackfillRuns_IsAsFastAndTheBackfillGivesTheSame()
    {
        await using var scenario = await Scenario.StartAsync("backfill beside live", hosts: 1, partitions: 4);
        var host = scenario.Cluster.Hosts[0];
        // The load pauses between its parts.
        scenario.Watch.End();
        await scenario.Load.SendAsync(Scenario.Size(30_000, 150_000), 4_000);
        await scenario.Cluster.SettleAsync();
        var end = scenario.Cluster.Ends().Values.Sum();
        // In turn, so that a machine that is busy for a while does not decide.
        var (alone, beside) = (new List<double>(), new List<double>());
        var rates = new List<double>();
        for (var round = 0; round < Scenario.Size(1, 3); round++)
        {
            alone.AddRange(await LatenciesAsync(scenario, TimeSpan.FromSeconds(Scenario.Size(10, 20))));
            var run = $"backfill{round}";
            await CommandAsync(host, "replay", "--topic", Topics.LabelSamples, "--run", run, "--detach");
            beside.AddRange(await LatenciesAsync(scenario, TimeSpan.FromSeconds(Scenario.Size(10, 20))));
            var after = Json(await CommandAsync(host, "runs", "show", run, "--json"));
            rates.Add(after.GetProperty("recordsPerSecond").GetDouble());
            await Eventually.TrueAsync(
                async () => Json(await CommandAsync(host, "runs", "show", run, "--json")).GetProperty("state").GetString() == "DONE",
                TimeSpan.FromSeconds(120),
                () => host.Output);
            await CommandAsync(host, "runs", "verify", run);
        }

        var ratio = Percentile(beside, 0.99) / Percentile(alone, 0.99);
        await scenario.FinishAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"backfill of {end} records at {rates.Average():0}/s; live at {LiveRate}/s: p50 {Percentile(alone, 0.5):0} → {Percentile(beside, 0.5):0} ms, p99 {Percentile(alone, 0.99):0} → {Percentile(beside, 0.99):0} ms ({ratio:0.00} ×)"));
        // What the group has committed is what live has read; a run writes no group offsets.
        Assert.Equal(scenario.Cluster.Ends().Values.Sum(), Committed(scenario.Cluster));
        // The limit holds for the long form; a few hundred results are too few to tell a fifth.
        Assert.True(ratio < (Scenario.IsFull ? 1.2 : 2), $"live's p99 is {ratio:0.00} times what it is alone");
    }

    /// <summary>From a record's own timestamp to its result's, in milliseconds, over all results of the time.</summary>
    private static async Task<List<double>> LatenciesAsync(Scenario scenario, TimeSpan time)
    {
        var from = DateTimeOffset.UtcNow.AddSeconds(1).ToUnixTimeMilliseconds();
        await scenario.Load.SendAsync((int)(time.TotalSeconds * LiveRate), LiveRate);
        var to = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await Pause.Seconds(2);
        return [.. KafkaTopic.ReadAll(scenario.Cluster.Kafka, Topics.LabelModes)
            .Select(record => (Source: long.Parse(KafkaTopic.Header(record, Schemas.Envelope.Headers.SourceTimestamp)!, CultureInfo.InvariantCulture), Result: record.Message.Timestamp.UnixTimestampMs))
            .Where(times => times.Source >= from && times.Source <= to)
            .Select(times => (double)(times.Result - times.Source))];
    }

    private static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));

    private static long Committed(FaultCluster cluster)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = cluster.Kafka, GroupId = $"{cluster.Group}.{Topics.LabelSamples}" }).SetLogHandler((_, _) => { }).Build();
        return consumer.Committed([.. cluster.Ends().Keys.Select(partition => new TopicPartition(Topics.LabelSamples, partition))], TimeSpan.FromSeconds(10)).Sum(offset => offset.Offset.Value);
    }

    private static async Task<string> CommandAsync(HostProcess host, params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync([.. arguments, "--dashboard-url", host.Url]);
        Assert.True(exitCode == 0, $"streams {string.Join(' ', arguments)}: {error}{output}\n{host.Output}");
        return output;
    }

    private static JsonElement Json(string text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}
