using System.Globalization;

namespace Streams.Benchmarks.Graphs.RealData;

/// <summary>
/// Fills real readings that were hidden at random, in one pass from an empty state, each from the rows before it and its own. <c>graphs-real [--masks N]
/// [--first-mask N] [--data NAME] [--hidden SHARE] [--baselines yes|no]</c>.
/// </summary>
internal static class RealDataCommand
{
    private static readonly double[] Shares = [0.2, 0.5, 0.9];

    /// <summary>NRMSE of the page's best: graph as shrinkage target of a recursive covariance, its weight chosen online.</summary>
    private static readonly Dictionary<(string Data, double Hidden), double> Page = new()
    {
        [("molene", 0.2)] = 0.252,
        [("molene", 0.5)] = 0.290,
        [("molene", 0.9)] = 0.415,
        [("uscrn", 0.2)] = 0.355,
        [("uscrn", 0.5)] = 0.428,
        [("uscrn", 0.9)] = 0.719,
    };

    /// <returns>The exit code: 0; 1 when a figure breaks a promise or the data are missing; 2 when the command was not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        var (masks, first, only, hidden, contest) = (3, 0, (string?)null, (double?)null, true);
        for (var at = 0; at < arguments.Count; at += 2)
        {
            var value = at + 1 < arguments.Count ? arguments[at + 1] : "";
            if (arguments[at] == "--masks" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out masks) && masks > 0)
            {
                continue;
            }
            else if (arguments[at] == "--first-mask" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out first))
            {
                continue;
            }
            else if (arguments[at] == "--baselines" && value is "yes" or "no")
            {
                contest = value == "yes";
            }
            else if (arguments[at] == "--data" && value is "molene" or "uscrn" or "synthetic")
            {
                only = value;
            }
            else if (arguments[at] == "--hidden" && double.TryParse(value, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1)
            {
                hidden = share;
            }
            else
            {
                output.WriteLine("graphs-real [--masks N] [--first-mask N] [--data molene|uscrn|synthetic] [--hidden SHARE] [--baselines yes|no]");
                return 2;
            }
        }

        if (Folder() is not { } folder)
        {
            output.WriteLine("../shared/data with molene/ and uscrn/ is beside no folder above this program: nothing to measure.");
            return 1;
        }

        var broken = 0;
        foreach (var data in new[] { DataSet.Molene(folder), DataSet.Uscrn(folder), DataSet.Synthetic(1) }.Where(data => only is null || data.Name == only))
        {
            foreach (var anomalies in new[] { true, false })
            {
                Head(output, data, anomalies);
                foreach (var share in hidden is { } one ? [one] : Shares)
                {
                    broken += Print(output, data, anomalies, share, [.. Enumerable.Range(first, masks)], contest);
                }
            }
        }

        output.WriteLine(broken == 0 ? "Every promise kept." : $"{broken} promises BROKEN, marked '!'.");
        return broken == 0 ? 0 : 1;
    }

    private static void Head(TextWriter output, DataSet data, bool anomalies)
    {
        output.WriteLine($"{data.Name}: {data.Sensors.Length} sensors, {data.Readings.Length - data.From} rows every {data.Step}, {data.Warming} of them to warm up; {(anomalies ? "anomalies, as on the page" : "readings as they are")}");
        output.WriteLine($"{"hidden",7} {"graph+time",11} {"page",6} {"all rows",9} {"90 %",7} {"ms/row",7}   {string.Join(" ", Contest.Names.Select(name => $"{name,12}"))}");
    }

    private static int Print(TextWriter output, DataSet data, bool anomalies, double share, int[] masks, bool contest)
    {
        var scores = masks.Select(mask => Contest.Run(data, anomalies, share, mask, contest)).ToArray();
        var error = scores.Average(score => score.Error);
        var (all, covered) = (scores.Average(score => score.WithWarming), scores.Average(score => score.Covered));
        var baselines = scores[0].Baselines.Select((_, k) => scores.Average(score => score.Baselines[k])).ToArray();
        var page = Page.TryGetValue((data.Name, share), out var figure) && anomalies ? figure : double.NaN;
        var (atPage, atNominal) = (double.IsNaN(page) || error <= page, covered is >= 0.87 and <= 0.93);
        var marks = baselines.Select(baseline => error < baseline).ToArray();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{share,7:P0} {error,10:F3}{Mark(atPage)} {(double.IsNaN(page) ? "" : page.ToString("F3", CultureInfo.InvariantCulture)),6} {all,9:F3} {covered,6:P1}{Mark(atNominal)} {scores.Min(score => score.Milliseconds),7:F2}   {string.Join(" ", baselines.Zip(marks, (baseline, kept) => $"{baseline.ToString("F3", CultureInfo.InvariantCulture),11}{Mark(kept)}"))}"));
        return marks.Count(kept => !kept) + (atPage ? 0 : 1) + (atNominal ? 0 : 1);
    }

    private static string Mark(bool kept) => kept ? " " : "!";

    private static string? Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(Path.Combine(data, "molene")) && Directory.Exists(Path.Combine(data, "uscrn")))
            {
                return data;
            }
        }

        return null;
    }
}
