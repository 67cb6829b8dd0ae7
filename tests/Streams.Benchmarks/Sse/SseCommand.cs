using System.Diagnostics;
using System.Globalization;
using Streams.Schemas;

namespace Streams.Benchmarks.Sse;

/// <summary>
/// What a thousand live connections, a tenth of them slow, cost the pipeline: the same load with and without them, alternately in one host, as ratios.
/// </summary>
internal static class SseCommand
{
    private const double PromisedShare = 0.95;
    private const long PromisedMemory = 256L << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <returns>The exit code: 0; 1 when a figure breaks a promise; 2 when the command was not understood.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (!TryRead(arguments, out var settings))
        {
            output.WriteLine("sse [--clients 1000] [--slow 100] (both in hundreds) [--rate 400] [--seconds 20] [--backlog 20000] [--rounds 2]");
            return 2;
        }

        await using var host = await SseHost.StartAsync();
        using var load = new SseLoad(host.Kafka);
        // Every network is known, and every buffer made, before anything is measured.
        load.Burst(50 * SseLoad.Keys);
        await DoneAsync(host, load);
        output.WriteLine($"{settings["clients"]} connections ({settings["slow"]} slow, {settings["clients"] / SseLoad.Keys} a key) or none; {settings["rate"]} records/s for {settings["seconds"]} s, then {settings["backlog"]} at once; {settings["rounds"]} rounds");
        output.WriteLine("connections   steady records/s   backlog records/s   host CPU us/record   events to fast   last one after   resident MB");
        var (without, with) = (new List<Round>(), new List<Round>());
        for (var i = 0; i < settings["rounds"]; i++)
        {
            // Turn and turn about, so that a machine that becomes busier is busier for both.
            without.Add(await MeasureAsync(host, load, settings, 0, output));
            with.Add(await MeasureAsync(host, load, settings, settings["clients"], output));
        }

        var broken = 0;
        broken += Promise(output, "steady rate, with over without", with.Average(round => round.Kept) / without.Average(round => round.Kept), PromisedShare, "at least");
        broken += Promise(output, "backlog, with over without", with.Average(round => round.Drained) / without.Average(round => round.Drained), PromisedShare, "at least");
        var memory = (with.Max(round => round.Memory) - without[0].Memory) / (double)(1 << 20);
        broken += Promise(output, "resident memory more, MB", memory, PromisedMemory >> 20, "at most");
        return broken == 0 ? 0 : 1;
    }

    /// <summary>Rates are of records whose results are in Redis; processor time is that until the last result has reached the last fast connection.</summary>
    private static async Task<Round> MeasureAsync(SseHost host, SseLoad load, Dictionary<string, int> settings, int connections, TextWriter output)
    {
        var slow = connections == 0 ? 0 : settings["slow"];
        await using var clients = await SseClients.OpenAsync(new Uri(host.Url), connections, slow, SseLoad.Key);
        var (processor, sent, results) = (host.Processor, load.Sent, load.Results(Topics.SensorImputed));

        var began = Stopwatch.GetTimestamp();
        await load.PaceAsync(settings["rate"], TimeSpan.FromSeconds(settings["seconds"]));
        await DoneAsync(host, load);
        var kept = (load.Sent - sent) / Stopwatch.GetElapsedTime(began).TotalSeconds;

        began = Stopwatch.GetTimestamp();
        load.Burst(settings["backlog"]);
        await DoneAsync(host, load);
        var drained = settings["backlog"] / Stopwatch.GetElapsedTime(began).TotalSeconds;

        // Keys have as many results each, and as many connections.
        began = Stopwatch.GetTimestamp();
        var expected = (load.Results(Topics.SensorImputed) - results) * (connections - slow) / SseLoad.Keys;
        await UntilAsync(() => Task.FromResult(clients.Events >= expected), () => $"{clients.Events} of {expected} results have reached the fast connections");
        var after = Stopwatch.GetElapsedTime(began);

        var perRecord = (host.Processor - processor).TotalMicroseconds / (load.Sent - sent);
        var round = new Round(kept, drained, host.Memory);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{connections,11}{kept,19:0.0}{drained,20:0}{perRecord,21:0}{clients.Events,17}{after.TotalSeconds,15:0.0} s{round.Memory / 1e6,14:0}"));
        return round;
    }

    /// <summary>Waits until every record is applied and every result of them is in Redis.</summary>
    private static async Task DoneAsync(SseHost host, SseLoad load)
    {
        var (done, results) = (0L, 0L);
        await UntilAsync(async () => (done = await host.AppliedAsync()) >= load.Sent, () => $"{done} of {load.Sent} records are done");
        results = load.Results(Topics.SensorImputed) + load.Results(Topics.SensorGraphs);
        await UntilAsync(async () => (done = await host.ProjectedAsync()) >= results, () => $"{done} of {results} results are in Redis");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<string> otherwise)
    {
        for (var began = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(50))
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new TimeoutException($"{otherwise()} after {Patience}");
            }
        }
    }

    private static int Promise(TextWriter output, string what, double figure, double promised, string how)
    {
        var kept = how == "at most" ? figure <= promised : figure >= promised;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(kept ? ' ' : '!')} {what}: {figure:0.00} ({how} {promised:0.00})"));
        return kept ? 0 : 1;
    }

    private static bool TryRead(IReadOnlyList<string> arguments, out Dictionary<string, int> settings)
    {
        settings = new() { ["clients"] = 1_000, ["slow"] = 100, ["rate"] = 400, ["seconds"] = 20, ["backlog"] = 20_000, ["rounds"] = 2 };
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || !settings.ContainsKey(arguments[i][2..])
                || i + 1 == arguments.Count || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value == 0)
            {
                return false;
            }

            settings[arguments[i][2..]] = value;
        }

        // As many a key, of either kind.
        return settings["slow"] <= settings["clients"] && settings["slow"] % SseLoad.Keys == 0 && settings["clients"] % SseLoad.Keys == 0;
    }

    private sealed record Round(double Kept, double Drained, long Memory);
}
