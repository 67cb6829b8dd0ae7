using System.Diagnostics;
using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Modes;

/// <summary>
/// Where the error probability is spent: exact ties and near ties. Label 0 is a mode; that it is ever rejected is the event that delta bounds, and naming another
/// takes it. Every run of a law is seen by every rule.
/// </summary>
internal static class ValidityStudy
{
    private const int DefaultRuns = 10_000;
    private const int Samples = 20_000;

    private static readonly double[] Deltas = [0.1, 0.01];

    private static readonly Instance[] TiedLaws =
    [
        .. new[] { 2, 3, 10, 100 }.Select(labels => new Instance($"tie of {labels}", [.. Enumerable.Repeat(1.0 / labels, labels)])),
        new("0.505/0.495", [0.505, 0.495]),
        new("0.34/0.33/0.33", [0.34, 0.33, 0.33]),
        new("0.102/0.0998x9", [0.102, .. Enumerable.Repeat(0.898 / 9, 9)]),
    ];

    public static void Print(RunSettings settings)
    {
        var runs = settings.Runs ?? DefaultRuns;
        settings.Output.WriteLine($"Mode rejected within {Samples:N0} labels, of {runs:N0} runs; the bound is delta and four standard deviations of the binomial");
        settings.Output.WriteLine($"{"law",-16}{"rule",-20}{string.Concat(Deltas.Select(delta => $"{$"delta {delta}",14}"))}");
        foreach (var law in TiedLaws)
        {
            var clock = Stopwatch.StartNew();
            var wrong = Count(law, runs);
            for (var rule = 0; rule < LabelRules.All.Count; rule++)
            {
                var cells = Deltas.Select((delta, at) => $"{wrong[rule, at] / (double)runs,13:P2}{settings.Promise(Measurement.IsWithin(delta, wrong[rule, at], runs)),1}");
                settings.Output.WriteLine($"{law.Name,-16}{LabelRules.All[rule],-20}{string.Concat(cells)}");
            }

            settings.Output.WriteLine($"{"",-16}{clock.Elapsed.TotalSeconds:F0} s");
            settings.Output.Flush();
        }
    }

    private static int[,] Count(Instance instance, int runs)
    {
        var wrong = new int[LabelRules.All.Count, Deltas.Length];
        var source = new LabelSource(instance.Law);
        Parallel.For(
            0,
            runs,
            () => new int[Samples],
            (run, _, labels) =>
            {
                var state = (ulong)run << 32;
                for (var i = 0; i < labels.Length; i++)
                {
                    labels[i] = source.Next(ref state);
                }

                for (var rule = 0; rule < LabelRules.All.Count; rule++)
                {
                    for (var at = 0; at < Deltas.Length; at++)
                    {
                        if (IsModeRejected(labels, instance.Law.Length, Deltas[at], LabelRules.All[rule]))
                        {
                            Interlocked.Increment(ref wrong[rule, at]);
                        }
                    }
                }

                return labels;
            },
            _ => { });
        return wrong;
    }

    private static bool IsModeRejected(int[] labels, int kinds, double delta, string rule)
    {
        var estimator = new ModeEstimator(kinds, delta, rule);
        for (var i = 0; i < labels.Length && !estimator.Decided; i++)
        {
            estimator.Add(labels[i]);
            if (estimator.IsRejected(0))
            {
                return true;
            }
        }

        return false;
    }
}
