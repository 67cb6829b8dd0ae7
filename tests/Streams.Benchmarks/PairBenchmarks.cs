using System.Globalization;
using Streams.Processors.ModeEstimation.Pairs;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks;

/// <summary>
/// Pair queries until the mode is known (query model 2): mean, standard error and errors of each rule on the laws that published figures
/// exist for, beside those, the oracle-elimination reference and the lower bound. `-- modes-pairs [runs] [law ...]`. A run
/// that spends its budget of ten million is counted as undecided and left out of the mean.
/// </summary>
/// <remarks>
/// The reference Q_oracle is what it takes one who knows the law: bin j is dropped after N_j = kl(delta, 1-delta)/D_j samples, D_j the divergence
/// of the pair, and samples are compared in decreasing order of the shares: Q = sum over j of N_j (1 - p_1 - ... - p_(j-1)), N_1 = N_2. Not a
/// bound: a rule may do better by asking less. The lower bound is half of kl(delta, 1-delta)/D_2, since a pair query tells no more than two labels do.
/// </remarks>
internal static class PairBenchmarks
{
    private const int Runs = 1_000;
    /// <summary>Far above any run that decides: one that lost the mode and is left with a tie would not end.</summary>
    private const long Budget = 10_000_000;

    private static readonly Law[] Laws =
    [
        new("B65", [0.65, 0.35], new(1337, 182, 160), new(22.9, 2.04, 1.62)),
        new("B90", [0.9, 0.1], new(173, 17.2, 15.6), null),
        new("T60", [0.6, 0.3, 0.1], new(1481, 192, 156), new(26.5, 2.45, 1.72)),
        new("F35", [0.35, 0.25, 0.2, 0.2], new(12600, 1833, 1448), new(28.5, 3.15, 2.21)),
        new("P1", [0.5, 0.25, 0.25], new(2486, 328, 284), null),
        new("P2", [0.4, 0.2, 0.2, 0.2], new(4393, 577, 491), null),
        new("P3", [0.2, .. Enumerable.Repeat(0.1, 8)], new(22987, 2817, 2310), new(43.6, 4.39, 3.79)),
        new("P4", [0.1, .. Enumerable.Repeat(0.05, 18)], new(106643, 12890, 10249), null),
        new("P5", [0.35, 0.33, 0.12, 0.1, 0.1], new(256405, 56823, 33469), new(23.8, 4.24, 1.92)),
        new("Z100", Zipf(100), null, null),
    ];

    /// <summary>Prints the table.</summary>
    public static void Run(IReadOnlyList<string> arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var runs = arguments.Select(argument => int.TryParse(argument, CultureInfo.InvariantCulture, out var number) ? number : 0).FirstOrDefault(number => number > 0, Runs);
        var laws = Laws.Where(law => !Laws.Any(other => arguments.Contains(other.Name)) || arguments.Contains(law.Name)).ToList();
        Console.WriteLine($"Mean pair queries of {runs} runs (a2: {runs / 4}); published: the page's figures for a2, ppr-1v1 and the better of leader-betting and its mixture.");
        foreach (var delta in new[] { 0.01, 0.1 })
        {
            Console.WriteLine($"\n{"delta",-6}{"law",-5}{"rule",-16}{"queries",12}{"+- s.e.",9}{"errors",9}{"undecided",11}{"/oracle",9}{"/bound",8}{"published",11}{"ours/published",16}");
            foreach (var law in laws)
            {
                foreach (var rule in new[] { PairRules.EmpiricalBernstein, PairRules.Ppr, PairRules.OneSided, PairRules.LeaderBetting })
                {
                    var measured = Measure(law, delta, rule, rule == PairRules.EmpiricalBernstein ? Math.Max(1, runs / 4) : runs);
                    var oracle = law.OracleQueries(delta);
                    var published = law.PublishedQueries(delta, rule);
                    Console.WriteLine(
                        $"{delta,-6}{law.Name,-5}{rule,-16}{measured.Mean,12:F1}{measured.Error,9:F1}{measured.Wrong,9:F4}{measured.Undecided,11}{measured.Mean / oracle,9:F2}{measured.Mean / law.LowerBound(delta),8:F2}"
                        + (published is { } figure ? $"{figure,11:F1}{measured.Mean / figure,16:F3}" : ""));
                }
            }
        }
    }

    private static (double Mean, double Error, double Wrong, int Undecided) Measure(Law law, double delta, string rule, int runs)
    {
        // The same samples for every rule and delta.
        var random = new Random(20200207);
        var labels = new List<int>();
        var (sum, squares, wrong, undecided) = (0.0, 0.0, 0, 0);
        for (var run = 0; run < runs; run++)
        {
            var estimator = new PairModeEstimator(law.Shares.Length, delta, Budget, rule);
            labels.Clear();
            while (!estimator.IsDecided && !estimator.IsSpent)
            {
                labels.Add(law.Draw(random));
                estimator.Begin(labels.Count - 1);
                while (estimator.Wanted is { } bin)
                {
                    estimator.Answer(labels[^1] == labels[estimator.Representatives[bin]]);
                }
            }

            if (estimator.Mode is not { } mode)
            {
                undecided++;
                continue;
            }

            sum += estimator.QueriesUsed;
            squares += (double)estimator.QueriesUsed * estimator.QueriesUsed;
            wrong += labels[mode] == 0 ? 0 : 1;
        }

        var decided = runs - undecided;
        var mean = sum / decided;
        return (mean, Math.Sqrt(((squares / decided) - (mean * mean)) / decided), wrong / (double)runs, undecided);
    }

    /// <summary>Shares in proportion to 1, 1/2, 1/3, ...: a law with a long tail, for which nothing is published.</summary>
    private static double[] Zipf(int labels)
    {
        var sum = Enumerable.Range(1, labels).Sum(rank => 1.0 / rank);
        return [.. Enumerable.Range(1, labels).Select(rank => 1 / (rank * sum))];
    }

    /// <summary>Published figures of the three algorithms.</summary>
    private sealed record Published(double EmpiricalBernstein, double Ppr, double Best)
    {
        public double Of(string rule) => rule switch
        {
            PairRules.EmpiricalBernstein => EmpiricalBernstein,
            PairRules.Ppr => Ppr,
            _ => Best,
        };
    }

    /// <param name="Name">Name.</param>
    /// <param name="Shares">Shares of the labels, the largest first.</param>
    /// <param name="Queries">Published mean queries at delta .01, where there are any.</param>
    /// <param name="Ratios">Published ratios to Q_oracle at delta .1.</param>
    private sealed record Law(string Name, double[] Shares, Published? Queries, Published? Ratios)
    {
        public int Draw(Random random)
        {
            var u = random.NextDouble();
            for (var label = 0; label < Shares.Length - 1; label++)
            {
                u -= Shares[label];
                if (u < 0)
                {
                    return label;
                }
            }

            return Shares.Length - 1;
        }

        public double? PublishedQueries(double delta, string rule) => delta == 0.01 ? Queries?.Of(rule) : Ratios?.Of(rule) * OracleQueries(delta);

        public double LowerBound(double delta) => Samples(delta, 1) / 2;

        public double OracleQueries(double delta)
        {
            var (queries, unmatched) = (0.0, 1.0);
            for (var label = 0; label < Shares.Length; label++)
            {
                queries += Samples(delta, Math.Max(1, label)) * unmatched;
                unmatched -= Shares[label];
            }

            return queries;
        }

        private double Samples(double delta, int rival)
        {
            var (p, q) = (Shares[0], Shares[rival]);
            var divergence = (p * Math.Log(2 * p / (p + q))) + (q * Math.Log(2 * q / (p + q)));
            return (1 - (2 * delta)) * Math.Log((1 - delta) / delta) / divergence;
        }
    }
}
