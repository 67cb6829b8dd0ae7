using System.Globalization;
using System.Text;
using System.Text.Json;
using Streams.EndToEnd.Support;
using Streams.Ingest.Decoding;
using Streams.Processors.ModeEstimation;
using Streams.Schemas;

namespace Streams.EndToEnd.Faults;

/// <summary>
/// A cluster under load while something goes wrong, from its start to its verdict. <c>STREAMS_CHAOS=full</c> makes the load longer and the faults
/// more (page reliability.md, section 3); <c>STREAMS_CHAOS_TABLE</c> names the file that rows are added to.
/// </summary>
internal sealed class Scenario : IAsyncDisposable
{
    private static readonly Lock Table = new();

    // One of each kind of fault. All of them would make a test run longer than half an hour; the backfill measures a ratio of latencies besides.
    private static readonly string[] Always =
    [
        "two hosts, one killed with -9",
        "transactional results, 2 kills",
        "host frozen past its session, thawed",
        "SIGTERM under load",
        "broker bounced",
        "Redis killed, comes back without its last writes",
    ];

    private readonly string _name;

    private Scenario(string name, FaultCluster cluster)
    {
        (_name, Cluster) = (name, cluster);
        Load = new Load(cluster.Kafka);
        Watch = new ResultWatch(cluster.Kafka, Topics.LabelModes);
    }

    public static bool IsFull => Environment.GetEnvironmentVariable("STREAMS_CHAOS") == "full";

    /// <summary>Drawn from STREAMS_CHAOS_SEED, so that a run can be repeated as nearly as real processes allow.</summary>
    public static Random Random { get; } = new(int.Parse(Environment.GetEnvironmentVariable("STREAMS_CHAOS_SEED") ?? "1", CultureInfo.InvariantCulture));

    public FaultCluster Cluster { get; }

    public Load Load { get; }

    public ResultWatch Watch { get; }

    /// <summary>One number in the short form, another in the full one.</summary>
    public static int Size(int brief, int full) => IsFull ? full : brief;

    public static async Task<Scenario> StartAsync(string name, int hosts, int partitions, params string[] settings)
    {
        Chaos.Needed(Always.Contains(name));
        var scenario = new Scenario(name, await FaultCluster.StartAsync(hosts, partitions, [Load.Setting, .. settings]));
        // The first results show that all is warm; only what follows counts.
        await scenario.Load.SendAsync(10 * Load.Block, 2_000);
        await Eventually.TrueAsync(() => Task.FromResult(scenario.Watch.Results.Count > 0), TimeSpan.FromSeconds(60), () => $"no result comes\n{scenario.Cluster.Hosts[0].Output}");
        scenario.Watch.Begin();
        return scenario;
    }

    /// <summary>Load and faults at the same time; the load goes on until it is sent.</summary>
    public async Task RunAsync(Task load, Func<Task> faults)
    {
        await Task.WhenAll(load, faults());
        Watch.End();
    }

    /// <summary>Waits for the end, checks the history, and adds a row to the table.</summary>
    public async Task<Outcome> FinishAsync(string faults, bool allowRepeats = true)
    {
        await Cluster.SettleAsync();
        var expected = await SequentialRun.OfAsync(
            Cluster.Kafka, new LabelSampleDecoder(), new ModeEstimationProcessorFactory(new ModeEstimationOptions { RememberedSamples = 1 }), Topics.LabelModes);
        Assert.NotEmpty(expected);
        try
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(expected.Keys.ToHashSet().IsSubsetOf(Watch.Results.Select(result => result.Id))), TimeSpan.FromSeconds(20), () => "");
        }
        catch (Xunit.Sdk.XunitException)
        {
            // The checker says which are missing.
        }

        var served = await ServedAsync(expected.Count);
        var history = new History
        {
            Acknowledged = new(Load.Acknowledged),
            Aborted = [.. Load.Aborted],
            Source = [.. KafkaTopic.ReadAll(Cluster.Kafka, Topics.LabelSamples)
                .Select(record => (record.Partition.Value, record.Offset.Value, Encoding.UTF8.GetString(record.Message.Value)))],
            Expected = new(expected),
            Read = [.. Watch.Results],
            Served = await FaultCluster.LatestAsync(Cluster.Hosts[^1], Topics.LabelModes),
        };
        var verdict = HistoryChecker.Check(Recorded(history), TaskOf);
        if (!allowRepeats && verdict.Repeated > 0)
        {
            verdict = verdict with { Doubled = [.. verdict.Doubled, $"{verdict.Repeated} ids came again"] };
        }

        var outcome = new Outcome(_name, Load.Rate, faults, Load.Acknowledged.Count, verdict, Watch.LongestGap, served == expected.Count);
        if (Environment.GetEnvironmentVariable("STREAMS_CHAOS_TABLE") is { Length: > 0 } table)
        {
            lock (Table)
            {
                File.AppendAllLines(table, [outcome.ToRow()]);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(outcome.ToRow());
        return outcome.ThrowIfNotClean(() => string.Join("\n---\n", Cluster.Hosts.Select(host => string.Join('\n', host.Output.Split('\n').TakeLast(40)))) + $"\nREST counts {served} of {expected.Count}");
    }

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>The history as its file has it: what is checked is what can be looked at.</summary>
    private History Recorded(History history)
    {
        var folder = Environment.GetEnvironmentVariable("STREAMS_CHAOS_HISTORY") is { Length: > 0 } named ? named : Repository.PathOf("tests", "output", "history");
        var file = Path.Combine(folder, string.Concat(_name.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-')) + ".jsonl");
        history.Save(file);
        return History.Load(file);
    }

    private async Task<long> ServedAsync(int expected)
    {
        var served = -1L;
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        served = await FaultCluster.ServedAsync(Cluster.Hosts[^1], Topics.LabelModes) ?? served;
                    }
                    catch (HttpRequestException)
                    {
                        // Redis has just come back.
                    }

                    return served == expected;
                },
                TimeSpan.FromSeconds(30),
                () => "");
        }
        catch (Xunit.Sdk.XunitException)
        {
            // Said by the outcome.
        }

        return served;
    }

    private static string TaskOf(string value)
    {
        using var json = JsonDocument.Parse(value);
        return json.RootElement.GetProperty("task").GetString()!;
    }
}
