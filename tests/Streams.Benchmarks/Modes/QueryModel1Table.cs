using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Modes;

/// <summary>
/// Query model 1 of Shah et al.: a query reveals a label. Prints, for every published law and rule, the mean number of labels ± its standard error,
/// the error frequency, and the ratio to the lower bound, beside the published figure.
/// </summary>
internal static class QueryModel1Table
{
    private const int DefaultRuns = 1_000;

    /// <summary>
    /// Mean labels at delta 0.01: A1, PPR-1v1, LB, LB-mix. 1,000 runs (A1: 250) of the project's design page, which agrees with the data that accompany
    /// Jain et al. where they overlap.
    /// </summary>
    private static readonly Dictionary<string, double[]> PublishedMeans = new()
    {
        ["B65"] = [944, 143, 126, 137],
        ["B90"] = [151, 17.6, 15.1, 18.1],
        ["T60"] = [954, 140, 113, 125],
        ["F35"] = [6259, 1005, 858, 791],
        ["P1"] = [1337, 207, 178, 186],
        ["P2"] = [1942, 302, 256, 258],
        ["P3"] = [5076, 798, 665, 643],
        ["P4"] = [12208, 1918, 1614, 1507],
        ["P5"] = [154771, 34586, 27878, 20815],
    };

    /// <summary>Ratios to the lower bound at delta 0.1: A1, PPR-1v1, the better of LB and LB-mix.</summary>
    private static readonly Dictionary<string, double[]> PublishedRatios = new()
    {
        ["B65"] = [21.6, 2.17, 1.72],
        ["T60"] = [24.3, 2.59, 1.84],
        ["F35"] = [26.7, 3.39, 2.25],
        ["P3"] = [44.5, 6.00, 4.24],
        ["P5"] = [23.9, 4.36, 1.89],
    };

    /// <summary>Mean labels of 100 runs in the data that accompany Jain et al. (github.com/rohanshah13/mode-estimation, folder data; standard errors of 2 to 6 per cent).</summary>
    private static readonly Dictionary<(string Law, string Rule, double Delta), double> AuthorsMeans = new()
    {
        [("B65", LabelRules.BernsteinPairs, 0.01)] = 929.8,
        [("B65", LabelRules.BernsteinPairs, 0.1)] = 808.2,
        [("B65", LabelRules.PprRest, 0.01)] = 164.4,
        [("B65", LabelRules.KullbackLeibler, 0.01)] = 265.9,
        [("B65", LabelRules.KullbackLeibler, 0.1)] = 217.3,
        [("B90", LabelRules.BernsteinPairs, 0.01)] = 148.7,
        [("B90", LabelRules.KullbackLeibler, 0.01)] = 30.6,
        [("T60", LabelRules.BernsteinPairs, 0.01)] = 884.1,
        [("T60", LabelRules.KullbackLeibler, 0.01)] = 254.0,
        [("F35", LabelRules.BernsteinPairs, 0.1)] = 4155.4,
        [("F35", LabelRules.KullbackLeibler, 0.1)] = 1280.8,
    };

    public static void Print(RunSettings settings)
    {
        foreach (var delta in new[] { 0.01, 0.1 })
        {
            settings.Output.WriteLine($"QM1, delta {delta}: labels to a decision; the bound is kl(delta, 1-delta)/D");
            settings.Output.WriteLine($"{"law",-5}{"rule",-23}{"labels",10} {"+- s.e.",-9}{"ratio",7}{"errors",9}{"published",12}");
            foreach (var instance in Instance.Published.Where(settings.Takes))
            {
                foreach (var rule in LabelRules.All.Where(settings.TakesRule))
                {
                    Print(settings, instance, rule, delta);
                }
            }
        }
    }

    private static void Print(RunSettings settings, Instance instance, string rule, double delta)
    {
        var runs = settings.Runs ?? (Measurement.IsSlow(rule) ? Measurement.SlowRuns : DefaultRuns);
        var measured = Measurement.Of(instance.Law, rule, delta, runs);
        var bound = instance.LowerBound(delta);
        var published = Published(instance.Name, rule, delta) is { } labels ? labels : double.NaN;

        // The published mean has its own sampling error: that of as many runs.
        var kept = Measurement.IsWithin(delta, measured.Wrong, runs)
            && (rule != LabelRules.Default || delta != 0.01 || measured.Mean <= published + (2 * Math.Sqrt(1 + (runs / (double)DefaultRuns)) * measured.StandardError));
        settings.Output.WriteLine(
            $"{instance.Name,-5}{rule,-23}{measured.Mean,10:F1} {measured.StandardError,-9:F1}{measured.Mean / bound,7:F2}{measured.Wrong / (double)runs,9:P1}"
            + $"{(double.IsNaN(published) ? "" : published.ToString("F1")),12} {settings.Promise(kept)}");
    }

    private static double? Published(string instance, string rule, double delta)
    {
        if (AuthorsMeans.TryGetValue((instance, rule, delta), out var mean))
        {
            return mean;
        }

        var column = rule switch
        {
            LabelRules.Bernstein => 0,
            LabelRules.Ppr => 1,
            LabelRules.LeaderBetting => 2,
            LabelRules.LeaderBettingMix => 3,
            _ => -1,
        };
        if (delta == 0.01)
        {
            return column < 0 ? null : PublishedMeans[instance][column];
        }

        // The page gives the better of the two betting rules; it stands beside both.
        return column >= 0 && PublishedRatios.TryGetValue(instance, out var ratios)
            ? ratios[Math.Min(column, 2)] * Instance.Published.Single(candidate => candidate.Name == instance).LowerBound(delta)
            : null;
    }
}
