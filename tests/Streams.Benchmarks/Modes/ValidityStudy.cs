using System.Diagnostics;
using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Stopping;
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

    public static IReadOnlyList<Instance> TiedLaws { get; } =
    [
        .. new[] { 2, 3, 10, 100 }.Select(labels => new Instance($"tie of {labels}", [.. Enumerable.Repeat(1.0 / labels, labels)])),
        new("0.505/0.495", [0.505, 0.495]),
        new("0.34/0.33/0.33", [0.34, 0.33, 0.33]),
        new("0.102/0.0998x9", [0.102, .. Enumerable.Repeat(0.898 / 9, 9)]),
    ];

    public static void Print(RunSettings settings)
    {
        var runs = settings.Runs ?? DefaultRuns;
        var rules = LabelRules.All.Where(settings.TakesRule).ToList();
        settings.Output.WriteLine($"Mode rejected within {Samples:N0} labels, of {runs:N0} runs; the bound is delta and four standard deviations of the binomial");
        settings.Output.WriteLine($"{"law",-16}{"rule",-23}{string.Concat(Deltas.Select(delta => $"{$"delta {delta}",14}"))}");
        foreach (var law in TiedLaws.Where(settings.Takes))
        {
            var clock = Stopwatch.StartNew();
            var wrong = Count(law, rules, runs);
            for (var rule = 0; rule < rules.Count; rule++)
            {
                var cells = Deltas.Select((delta, at) => $"{wrong[rule, at] / (double)runs,13:P2}{settings.Promise(Measurement.IsWithin(delta, wrong[rule, at], runs)),1}");
                settings.Output.WriteLine($"{law.Name,-16}{rules[rule],-23}{string.Concat(cells)}");
            }

            settings.Output.WriteLine($"{"",-16}{clock.Elapsed.TotalSeconds:F0} s");
            settings.Output.Flush();
        }

        OtherTies.Print(settings, runs);
    }

    private static int[,] Count(Instance instance, List<string> rules, int runs)
    {
        var wrong = new int[rules.Count, Deltas.Length];
        var source = new LabelSource(instance.Law);
        Parallel.For(0, runs, run =>
        {
            foreach (var (rule, at) in WhatRejectsTheMode(source, (ulong)run << 32, instance.Law.Length, rules))
            {
                Interlocked.Increment(ref wrong[rule, at]);
            }
        });
        return wrong;
    }

    /// <summary>All rules count the same labels, so they share the counts.</summary>
    private static IEnumerable<(int Rule, int Delta)> WhatRejectsTheMode(LabelSource source, ulong state, int kinds, List<string> rules)
    {
        var counts = new TopTwo();
        var open = (
            from rule in Enumerable.Range(0, rules.Count)
            from at in Enumerable.Range(0, Deltas.Length)
            select (Rule: rule, Delta: at, Stops: StoppingRules.Create(rules[rule], kinds, Deltas[at], counts))).ToList();
        var wrong = new List<(int, int)>();
        for (var i = 0; i < Samples && open.Count > 0; i++)
        {
            var label = source.Next(ref state);
            counts.Add(label);
            for (var at = open.Count - 1; at >= 0; at--)
            {
                var (rule, delta, stops) = open[at];
                stops.Counted(label);
                if (stops.IsOut(0))
                {
                    wrong.Add((rule, delta));
                    open.RemoveAt(at);
                }
                else if (stops.Mode is not null)
                {
                    open.RemoveAt(at);
                }
            }
        }

        return wrong;
    }
}
