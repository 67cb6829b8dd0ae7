using System.Text.Json;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.EndToEnd;

/// <summary><c>streams modes simulate</c> against a broker that a host has worked on.</summary>
public sealed class ModesSimulateTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Simulate_SettingThatLiveHad_GivesWhatLiveGave()
    {
        await using var host = await new HostProcess().StartAsync();
        Produce(host);
        await Eventually.TrueAsync(() => Task.FromResult(KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes).Count == 20), Patience, () => host.Output);
        var live = KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes).Values.Select(value => JsonDocument.Parse(value).RootElement.Deserialize<LabelMode>(ResultJson.Options)!).ToList();

        var rows = await SimulateAsync("--kafka", host.Kafka, "--delta", "0.05,0.001", "--tolerance", "0", "--max", "60,none", "--rule", "leader-betting-mix,ppr-1v1");

        Assert.Equal(8, rows.Count);
        var own = rows.Single(row => row is { Delta: 0.05, Max: 60, Rule: LabelRules.Default });
        Assert.Equal(live.Count(mode => mode.Status == LabelModeStatus.Decided), own.Decided);
        Assert.Equal(live.Count(mode => mode.Status == LabelModeStatus.Abstain), own.Abstained);
        Assert.Equal(live.Sum(mode => mode.LabelsUsed), own.LabelsUsed);
        Assert.InRange(own.Decided, 1, 19);
        // More confidence costs more labels, and without a limit nothing abstains.
        Assert.True(rows.Single(row => row is { Delta: 0.001, Max: null, Rule: LabelRules.Default }).LabelsUsed > own.LabelsUsed);
        Assert.All(rows.Where(row => row.Max is null), row => Assert.Equal(0, row.Abstained));

        var some = await SimulateAsync("--kafka", host.Kafka, "--task", "task-3", "--task", "task-4", "--delta", "0.05", "--tolerance", "0");
        Assert.Equal(2, Assert.Single(some).Tasks);

        var table = await HostProcess.RunAsync("modes", "simulate", "--kafka", host.Kafka);
        Assert.True(table.ExitCode == 0, table.Error);
        Assert.Contains("20 tasks, 4,000 labelled samples.", table.Output, StringComparison.Ordinal);
        Assert.Contains("mean labels a task", table.Output, StringComparison.Ordinal);

        await FailsAsync("no task 'nobody'", "--kafka", host.Kafka, "--task", "nobody");
        await FailsAsync("--to", "--kafka", host.Kafka, "--to", "yesterday-ish");
        await FailsAsync("no labelled samples", "--kafka", host.Kafka, "--to", "0");
    }

    [Fact]
    public async Task Simulate_File_ReadsItAsPublishDoes()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(
                file, ["task,sample,label", .. Enumerable.Range(0, 200).Select(i => $"t{i % 2},{i},{(i % 2 == 0 || i % 3 == 0 ? "cat" : "dog")}")], TestContext.Current.CancellationToken);

            var row = Assert.Single(await SimulateAsync("--source", file, "--delta", "0.1", "--tolerance", "0", "--labels", "2"));
            Assert.Equal((2, 2), (row.Tasks, row.Decided));
            Assert.Equal(1, Assert.Single(await SimulateAsync("--source", file, "--task", "t1", "--delta", "0.1", "--tolerance", "0")).Tasks);

            await FailsAsync("--delta: '2'", "--source", file, "--delta", "0.1,2");
            await FailsAsync("--tolerance: '-1'", "--source", file, "--tolerance", "-1");
            await FailsAsync("--max: 'some'", "--source", file, "--max", "some");
            await FailsAsync("--rule: 'coin'", "--source", file, "--rule", "coin");
            await FailsAsync("--labels 1", "--source", file, "--labels", "1");
            await FailsAsync("--from", "--source", file, "--from", "0");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<List<Row>> SimulateAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync(["modes", "simulate", "--json", .. arguments]);
        Assert.True(exitCode == 0, error);
        return [.. output.Trim().Split('\n').Select(Row.Parse)];
    }

    private static async Task FailsAsync(string what, params string[] arguments)
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(["modes", "simulate", .. arguments]);
        Assert.Equal(1, exitCode);
        Assert.Contains(what, Assert.Single(error.Trim().Split('\n'), line => line.StartsWith("streams: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // 20 tasks of three labels, the leader's share from 40 to 90 %, every tenth sample twice.
    private static void Produce(HostProcess host)
    {
        using var producer = KafkaTopic.Producer(host.Kafka);
        for (var task = 0; task < 20; task++)
        {
            var name = $"task-{task}";
            producer.Produce(Topics.LabelSamples, KafkaTopic.Definition(new LabelTask(name, 0.05, 3, MaxLabels: 60)));
            var random = new Random(task);
            for (var i = 0; i < 200; i++)
            {
                var u = random.Next(100) - 40 - (2 * task);
                var message = KafkaTopic.Sample(name, $"{i}", u < 0 ? "cat" : u < 20 ? "dog" : "emu");
                producer.Produce(Topics.LabelSamples, message);
                if (i % 10 == 0)
                {
                    producer.Produce(Topics.LabelSamples, message);
                }
            }
        }

        producer.Flush(Patience);
    }

    private sealed record Row(double Delta, int? Max, string Rule, int Tasks, int Decided, int Abstained, long LabelsUsed)
    {
        public static Row Parse(string line)
        {
            using var json = JsonDocument.Parse(line);
            var (row, setting) = (json.RootElement, json.RootElement.GetProperty("setting"));
            return new Row(
                setting.GetProperty("delta").GetDouble(),
                setting.TryGetProperty("maxLabels", out var max) ? max.GetInt32() : null,
                setting.GetProperty("rule").GetString()!,
                row.GetProperty("tasks").GetInt32(),
                row.GetProperty("decided").GetInt32(),
                row.GetProperty("abstained").GetInt32(),
                row.GetProperty("labelsUsed").GetInt64());
        }
    }
}
