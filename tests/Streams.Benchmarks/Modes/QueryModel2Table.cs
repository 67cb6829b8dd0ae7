using Streams.Processors.ModeEstimation.Pairs;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Modes;

/// <summary>
/// Pair queries until the mode is known (query model 2), beside the published figures, the lower bound and the oracle elimination: what one needs who
/// knows the law.
/// </summary>
/// <remarks>
/// Bin j is dropped after N_j = kl(delta, 1-delta)/D_j samples, D_j the divergence of the pair, and samples are compared in decreasing order of the
/// shares: Q = sum over j of N_j (1 - p_1 - ... - p_(j-1)), N_1 = N_2. Not a bound: a rule may do better by asking less. The lower bound is half of
/// kl(delta, 1-delta)/D_2, since a pair query tells no more than two labels do.
/// </remarks>
internal static class QueryModel2Table
{
    private const int DefaultRuns = 1_000;

    /// <summary>Far above any run that decides: one that lost the mode and is left with a tie would not end. Such a run is left out of the mean.</summary>
    private const long Budget = 10_000_000;

    /// <summary>Mean pair queries at delta 0.01: A2, PPR elimination, the better of leader betting and its mixture; the project's design page, 1,000 runs (A2: 250).</summary>
    private static readonly Dictionary<string, double[]> PublishedMeans = new()
    {
        ["B65"] = [1337, 182, 160],
        ["B90"] = [173, 17.2, 15.6],
        ["T60"] = [1481, 192, 156],
        ["F35"] = [12600, 1833, 1448],
        ["P1"] = [2486, 328, 284],
        ["P2"] = [4393, 577, 491],
        ["P3"] = [22987, 2817, 2310],
        ["P4"] = [106643, 12890, 10249],
        ["P5"] = [256405, 56823, 33469],
    };

    /// <summary>Ratios to the oracle elimination at delta 0.1, of the same.</summary>
    private static readonly Dictionary<string, double[]> PublishedRatios = new()
    {
        ["B65"] = [22.9, 2.04, 1.62],
        ["T60"] = [26.5, 2.45, 1.72],
        ["F35"] = [28.5, 3.15, 2.21],
        ["P3"] = [43.6, 4.39, 3.79],
        ["P5"] = [23.8, 4.24, 1.92],
    };

    private static readonly string[] Rules =
        [PairRules.EmpiricalBernstein, PairRules.Ppr, PairRules.OneSided, PairRules.LeaderBetting, PairRules.LeaderBettingMix, PairRules.LeaderBettingPooled];

    private const int BettingRules = 3;

    /// <summary>Every rule errs with frequency delta at most, and at delta 0.01 the better betting rule asks no more than the published one, but for luck.</summary>
    public static void Print(RunSettings settings)
    {
        var runs = settings.Runs ?? DefaultRuns;
        foreach (var delta in new[] { 0.01, 0.1 })
        {
            settings.Output.WriteLine($"QM2, delta {delta}: pair queries to a decision; {string.Join(", ", Rules.TakeLast(BettingRules))} stand beside the better one of the page's betting rules");
            settings.Output.WriteLine(
                $"{"law",-13}{"rule",-23}{"queries",10} {"+- s.e.",-9}{"/oracle",8}{"/bound",8}{"errors",9}{"undecided",11}{"published",11}{"/published",12}");
            foreach (var instance in Instance.Published.Append(Instance.Zipf(1, 100)).Where(settings.Takes))
            {
                Print(settings, instance, delta, runs);
            }
        }
    }

    private static void Print(RunSettings settings, Instance instance, double delta, int runs)
    {
        var rules = Rules.Where(settings.TakesRule).ToList();
        var measured = rules.Select(rule => Measure(instance, delta, rule, settings.Runs ?? (rule == PairRules.EmpiricalBernstein ? Measurement.SlowRuns : runs))).ToList();
        var best = measured.Where((_, at) => Rules.TakeLast(BettingRules).Contains(rules[at])).MinBy(cell => cell.Mean);
        var oracle = OracleQueries(instance, delta);
        for (var rule = 0; rule < rules.Count; rule++)
        {
            var cell = measured[rule];
            var published = Published(instance, delta, rules[rule], oracle);
            // The published mean has its own sampling error: that of as many runs.
            var kept = Measurement.IsWithin(delta, cell.Wrong, cell.Runs)
                && (settings.Rule is not null || cell != best || delta != 0.01 || published is null || cell.Mean <= published + (2 * Math.Sqrt(1 + (runs / (double)DefaultRuns)) * cell.StandardError));
            settings.Output.WriteLine(
                $"{instance.Name,-13}{rules[rule],-23}{cell.Mean,10:F1} {cell.StandardError,-9:F1}{cell.Mean / oracle,8:F2}{cell.Mean / (instance.LowerBound(delta) / 2),8:F2}"
                + $"{cell.Wrong / (double)cell.Runs,9:P1}{cell.Undecided,11}{published,11:F1}{cell.Mean / published,12:F3} {settings.Promise(kept)}".TrimEnd());
        }

        settings.Output.Flush();
    }

    private static Measurement Measure(Instance instance, double delta, string rule, int runs)
    {
        var source = new LabelSource(instance.Law);
        var (queries, mode) = (new long[runs], new int[runs]);
        Parallel.For(0, runs, run =>
        {
            // The same samples for every rule and delta.
            var state = (ulong)run << 32;
            var estimator = new PairModeEstimator(instance.Law.Length, delta, Budget, rule);
            var labels = new List<int>();
            while (!estimator.IsDecided && !estimator.IsSpent)
            {
                labels.Add(source.Next(ref state));
                estimator.Begin(labels.Count - 1);
                while (estimator.Wanted is { } bin)
                {
                    estimator.Answer(labels[^1] == labels[estimator.Representatives[bin]]);
                }
            }

            (queries[run], mode[run]) = (estimator.QueriesUsed, estimator.Mode is { } sample ? labels[sample] : -1);
        });
        var decided = queries.Where((_, run) => mode[run] >= 0).ToList();
        var mean = decided.Average();
        var deviation = Math.Sqrt(decided.Sum(count => (count - mean) * (count - mean)) / (decided.Count - 1));
        return new Measurement(runs, mean, deviation / Math.Sqrt(decided.Count), mode.Count(label => label > 0), runs - decided.Count);
    }

    private static double? Published(Instance instance, double delta, string rule, double oracle)
    {
        var column = rule switch { PairRules.EmpiricalBernstein => 0, PairRules.Ppr => 1, PairRules.OneSided => -1, _ => 2 };
        return column < 0 ? null
            : delta == 0.01 ? PublishedMeans.GetValueOrDefault(instance.Name)?[column]
            : PublishedRatios.GetValueOrDefault(instance.Name)?[column] * oracle;
    }

    private static double OracleQueries(Instance instance, double delta)
    {
        var (queries, unmatched) = (0.0, 1.0);
        for (var label = 0; label < instance.Law.Length; label++)
        {
            queries += instance.LowerBound(delta, Math.Max(1, label)) * unmatched;
            unmatched -= instance.Law[label];
        }

        return queries;
    }
}
