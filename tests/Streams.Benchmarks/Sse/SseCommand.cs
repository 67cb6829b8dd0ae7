using System.Diagnostics;
using System.Globalization;

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
            output.WriteLine("sse [--clients 1000] [--slow 100] [--rate 400] [--seconds 20] [--backlog 20000] [--rounds 2]");
            return 2;
        }

        await using var host = await SseHost.StartAsync();
        using var load = new SseLoad(host.Kafka);
        // Every network is known, and every buffer made, before anything is measured.
        load.Burst(50 * SseLoad.Keys);
        await DoneAsync(host, load);
        output.WriteLine($"{settings["clients"]} connections ({settings["slow"]} slow, {settings["clients"] / SseLoad.Keys} a key) or none; {settings["rate"]} records/s for {settings["seconds"]} s, then {settings["backlog"]} at once; {settings["rounds"]} rounds");
        output.WriteLine("connections  records/s kept   backlog records/s   host CPU us/record   events sent   events to fast   resident MB");
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

    private static async Task<Round> MeasureAsync(SseHost host, SseLoad load, Dictionary<string, int> settings, int connections, TextWriter output)
    {
        await using var clients = await SseClients.OpenAsync(
            new Uri(host.Url), connections, connections == 0 ? 0 : settings["slow"], SseLoad.Key);
        var (events, processor, sent) = (await host.EventsAsync(), host.Processor, load.Sent);

        var (began, applied) = (Stopwatch.GetTimestamp(), await host.AppliedAsync());
        await load.PaceAsync(settings["rate"], TimeSpan.FromSeconds(settings["seconds"]));
        var kept = (await host.AppliedAsync() - applied) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        await DoneAsync(host, load);

        began = Stopwatch.GetTimestamp();
        load.Burst(settings["backlog"]);
        await DoneAsync(host, load);
        var drained = settings["backlog"] / Stopwatch.GetElapsedTime(began).TotalSeconds;

        var perRecord = (host.Processor - processor).TotalMicroseconds / (load.Sent - sent);
        var round = new Round(kept, drained, host.Memory);
        var delivered = await host.EventsAsync() - events;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{connections,11}{kept,16:0.0}{drained,20:0}{perRecord,21:0}{delivered,14}{clients.Events,17}{round.Memory / 1e6,14:0}"));
        return round;
    }

    private static async Task DoneAsync(SseHost host, SseLoad load)
    {
        for (var began = Stopwatch.GetTimestamp(); await host.AppliedAsync() < load.Sent; await Task.Delay(50))
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new TimeoutException($"{await host.AppliedAsync()} of {load.Sent} records are done after {Patience}");
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

        return settings["slow"] <= settings["clients"];
    }

    private sealed record Round(double Kept, double Drained, long Memory);
}
