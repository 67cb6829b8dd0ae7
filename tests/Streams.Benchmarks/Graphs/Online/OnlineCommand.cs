using System.Globalization;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>
/// <c>graphs-online</c>: N = 30, a two-block graph under a heat filter that is switched for an independent one at half time, with gaps: how near
/// the online learner is to a batch solution on the same covariance, how soon it recovers, and what the drift test sees.
/// </summary>
internal static class OnlineCommand
{
    private const int Sensors = 30;
    private const int StationaryRows = 2_000;
    private const int MostDetectionRows = 100;
    private static readonly double[] MissingShares = [0, 0.2, 0.5];

    /// <summary>The design page's online and batch figures: F1 before, F1 at the end, rows to 90 %, share detected within 60 rows.</summary>
    private static readonly string[] Published =
    [
        ".993/.994, .992/.992, 440/408, 9/10", ".988/.988, .988/.988, 616/608, 6/10", ".929/.928, .914/.914, 1032/1040, 6/10",
    ];

    /// <returns>The exit code: 0; 1 when a figure breaks a promise; 2 when the command was not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (!TryRead(arguments, out var seeds, out var offset))
        {
            output.WriteLine("graphs-online [--seeds N] [--offset FIRST]");
            return 2;
        }

        output.WriteLine($"N = {Sensors}, two blocks .5/.1, exp(-0.1 L), gamma .997, one step a row, switch at {SwitchRun.Switch} of {SwitchRun.RowCount};");
        output.WriteLine($"seeds {offset} to {offset + seeds - 1}. [page: F1 before and at the end, rows to 90 %, online/batch; detected within 60 rows]");
        var broken = 0;
        for (var i = 0; i < MissingShares.Length; i++)
        {
            broken += Table(MissingShares[i], Published[i], seeds, offset, output);
        }

        output.WriteLine(broken == 0 ? "Every promise kept." : $"{broken} promises BROKEN, marked '!'.");
        return broken == 0 ? 0 : 1;
    }

    private static int Table(double missing, string published, int seeds, int offset, TextWriter output)
    {
        var runs = Runs(seeds, offset, missing, new OnlineOptions { OnAlarm = AlarmResponse.Report }, withBatch: true);
        var falseAlarms = new int[seeds];
        Parallel.For(0, seeds, seed => falseAlarms[seed] = FalseAlarms(offset + seed, missing));
        var broken = 0;
        void Line(string name, FormattableString text, bool kept = true)
        {
            broken += kept ? 0 : 1;
            output.WriteLine($"  {name,-23}{FormattableString.Invariant(text)}{(kept ? "" : " !")}");
        }

        var (before, batchBefore) = (runs.Average(run => run.Before), runs.Average(run => run.BatchBefore));
        var (end, batchEnd) = (runs.Average(run => run.End), runs.Average(run => run.BatchEnd));
        var (recovery, batchRecovery) = (runs.Average(run => run.Recovery), runs.Average(run => run.BatchRecovery));
        var regret = runs.Sum(run => run.Regret) / runs.Sum(run => run.BatchLoss);
        var delays = runs.Where(run => run.Delay <= MostDetectionRows).Select(run => run.Delay).Order().ToArray();
        double delay = delays.Length == 0 ? double.NaN : delays[delays.Length / 2];
        output.WriteLine();
        output.WriteLine(FormattableString.Invariant($"**{missing:P0} missing** [page: {published}]"));
        Line("F1 before the switch", $"online {before:F4}, batch {batchBefore:F4}", before >= batchBefore - 0.005);
        Line("F1 at the end", $"online {end:F4}, batch {batchEnd:F4}", end >= batchEnd - 0.005);
        Line("rows to 90 % after it", $"online {recovery:F0}, batch {batchRecovery:F0}, ratio {recovery / batchRecovery:F2}", recovery <= 1.1 * batchRecovery);
        Line("relative regret", $"{regret:F3}");
        Line("switches detected", $"{delays.Length}/{seeds} within {MostDetectionRows} rows, median delay {delay:F0}", delays.Length >= 0.8 * seeds);
        Line("of them", $"{delays.Count(rows => rows <= 60)} within 60 rows");
        Line("false alarms", $"{falseAlarms.Sum()} in {seeds} runs of {StationaryRows} rows", falseAlarms.Sum() == 0);
        Line("besides", $"{runs.Sum(run => run.AlarmsBefore)} before the switches");
        foreach (var (name, options) in Responses())
        {
            var others = Runs(seeds, offset, missing, options, withBatch: false);
            var (rows, memory) = (others.Average(run => run.Recovery), others.Average(run => run.Memory));
            var (early, late) = (others.Average(run => run.Before), others.Average(run => run.End));
            Line(name, $"rows to 90 % {rows:F0}, F1 {early:F4}, {late:F4}, memory at the end {memory:F0} rows");
        }

        return broken;
    }

    private static SwitchRun[] Runs(int seeds, int offset, double missing, OnlineOptions options, bool withBatch)
    {
        var runs = new SwitchRun[seeds];
        Parallel.For(0, seeds, seed => runs[seed] = SwitchRun.Measure(Sensors, offset + seed, missing, options, withBatch));
        return runs;
    }

    private static IEnumerable<(string Name, OnlineOptions Options)> Responses()
    {
        yield return ("alarm: reset", new OnlineOptions { OnAlarm = AlarmResponse.Reset });
        yield return ("alarm: forget faster", new OnlineOptions { OnAlarm = AlarmResponse.FasterForgetting });
        yield return ("adapted, no alarms", new OnlineOptions { Drift = null, CandidateForgettings = [0.98, 0.99, 0.997, 0.999] });
        yield return ("adapted and reset", new OnlineOptions { OnAlarm = AlarmResponse.Reset, CandidateForgettings = [0.98, 0.99, 0.997, 0.999] });
    }

    private static int FalseAlarms(int seed, double missing)
    {
        var network = new SwitchingNetwork(Sensors, ~seed);
        var learner = new OnlineGraphLearner(Sensors, new OnlineOptions { OnAlarm = AlarmResponse.Report });
        var row = new double[Sensors];
        for (var t = 0; t < StationaryRows; t++)
        {
            network.Next(0, missing, row);
            learner.Add(row);
        }

        return (int)learner.Alarms;
    }

    private static bool TryRead(IReadOnlyList<string> arguments, out int seeds, out int offset)
    {
        (seeds, offset) = (10, 0);
        for (var at = 0; at < arguments.Count; at += 2)
        {
            if (at + 1 >= arguments.Count || !int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            switch (arguments[at])
            {
                case "--seeds" when number > 0:
                    seeds = number;
                    break;
                case "--offset":
                    offset = number;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
