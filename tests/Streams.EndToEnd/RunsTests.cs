using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using Streams.EndToEnd.Support;
using Streams.Schemas;

namespace Streams.EndToEnd;

/// <summary>Runs as an operator handles them, by the command line, against a host that is killed in between.</summary>
public sealed class RunsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Run_PausedKilledAndResumed_EndsWithLivesResults()
    {
        await using var host = await StartAsync();
        var live = KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes);

        await RunAsync(host, "replay", "--topic", Topics.LabelSamples, "--run", "again", "--max-rate", "150", "--detach");
        await UntilAsync(host, "again", run => run.GetProperty("done").GetInt64() > 200);
        Assert.Equal("PAUSED", Json(await RunAsync(host, "runs", "pause", "again", "--json")).GetProperty("state").GetString());
        await RunAsync(host, "runs", "resume", "again");
        await host.KillAsync();
        await host.StartAsync();

        // The registry outlives the host; the next one goes on from the run's own cursors.
        await UntilAsync(host, "again", run => run.GetProperty("state").GetString() == "DONE");
        Assert.Equal(Of("again", live), KafkaTopic.ReadResults(host.Kafka, Topics.ForRun("again", Topics.LabelModes)));
        var verified = await HostProcess.RunAsync("runs", "verify", "again", "--json", "--dashboard-url", host.Url);
        Assert.True(verified.ExitCode == 0, verified.Error + verified.Output);
        Assert.Equal(live.Count, Json(verified.Output).GetProperty("topics").EnumerateArray().Single(topic => topic.GetProperty("topic").GetString() == Topics.LabelModes).GetProperty("equal").GetInt64());

        // Live is as it was.
        Assert.Equal(live, KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes));

        await RunAsync(host, "runs", "delete", "again");
        Assert.Empty(KafkaTopic.ReadAll(host.Kafka, Topics.ForRun("again", Topics.LabelModes)));
        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{host.RedisPort}");
        Assert.DoesNotContain(redis.GetServers().Single().Keys(pattern: "*again*"), _ => true);
        Assert.Equal("", (await RunAsync(host, "runs", "list", "--json")).Trim());
    }

    [Fact]
    public async Task Run_WithSettingsOfItsOwn_IsDifferentAndIsServedUntilRolledBack()
    {
        await using var host = await StartAsync("--set", "Streams:ModeEstimation:DefaultDelta=0.05");
        await RunAsync(host, "replay", "--topic", Topics.LabelSamples, "--run", "stricter", "--with", "Streams:ModeEstimation:DefaultDelta=0.001");

        var verified = await HostProcess.RunAsync("runs", "verify", "stricter", "--dashboard-url", host.Url);
        Assert.Equal(2, verified.ExitCode);
        Assert.Contains("different", verified.Output, StringComparison.Ordinal);

        Assert.Equal(0.05, await ServedDeltaAsync(host));
        await RunAsync(host, "runs", "promote", "stricter");
        Assert.Equal(0.001, await ServedDeltaAsync(host));
        Assert.Contains("promoted", (await HostProcess.RunAsync("runs", "delete", "stricter", "--dashboard-url", host.Url)).Error, StringComparison.Ordinal);
        await RunAsync(host, "runs", "rollback");
        Assert.Equal(0.05, await ServedDeltaAsync(host));

        // What a run cannot have of its own is refused before anything is read.
        foreach (var (setting, problem) in ((string, string)[])
            [("Streams:Kafka:GroupId=x", "cannot be a run's own"), ("Streams:ModeEstimation:Nonsense=1", "Nonsense")])
        {
            var refused = await HostProcess.RunAsync("replay", "--topic", Topics.LabelSamples, "--run", "x", "--with", setting, "--dashboard-url", host.Url);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(problem, refused.Error, StringComparison.Ordinal);
        }
    }

    private static async Task<HostProcess> StartAsync(params string[] settings)
    {
        var host = await new HostProcess(settings).StartAsync();
        LabelLoad.Produce(host, 0, 4_000);
        await Eventually.TrueAsync(
            () => Task.FromResult(KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes).Count == 20), Patience, () => $"not all tasks are decided\n{host.Output}");
        return host;
    }

    private static SortedDictionary<string, string> Of(string run, SortedDictionary<string, string> live) =>
        new(live.ToDictionary(pair => pair.Key.Replace("live/", $"{run}/", StringComparison.Ordinal), pair => pair.Value), StringComparer.Ordinal);

    private static async Task<string> RunAsync(HostProcess host, params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync([.. arguments, "--dashboard-url", host.Url]);
        Assert.True(exitCode == 0, $"streams {string.Join(' ', arguments)}: {error}\n{host.Output}");
        return output;
    }

    private static Task UntilAsync(HostProcess host, string run, Func<JsonElement, bool> condition) => Eventually.TrueAsync(
        async () => condition(Json(await RunAsync(host, "runs", "show", run, "--json"))), Patience, () => host.Output);

    private static async Task<double> ServedDeltaAsync(HostProcess host)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{host.Url}/api/results/{Topics.LabelModes}/latest?key=task-7")));
        return double.Parse(json.RootElement.GetProperty("data").GetProperty("delta").GetRawText(), CultureInfo.InvariantCulture);
    }

    private static JsonElement Json(string text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}
