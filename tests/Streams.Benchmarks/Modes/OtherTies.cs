using System.Globalization;
using Streams.Processors.ModeEstimation.Pairs;
using Streams.Processors.ModeEstimation.Scale;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Modes;

/// <summary>
/// Exact ties of what is not told label by label: pair queries, and open sets of labels with fewer counters than labels. Label 0 is a mode; delta bounds how
/// often its bin is rejected, and how often another label is named.
/// </summary>
internal static class OtherTies
{
    private const double Delta = 0.1;
    private const int PairSamples = 5_000;
    private const int OpenSetLabels = 10_000;

    private static readonly string[] PairRulesThatBind = [.. PairRules.All.Where(rule => rule != PairRules.EmpiricalBernstein)];

    /// <summary>Labels that are level, and counters.</summary>
    private static readonly (int Labels, int Counters)[] OpenSets = [(10, 4), (100, 16), (100, 64), (1_000, 512)];

    public static void Print(RunSettings settings, int runs)
    {
        if (settings.Law is not null)
        {
            return;
        }

        settings.Output.WriteLine($"Pairs, delta {Delta}: bin of the mode rejected within {PairSamples:N0} samples, of {runs:N0} runs");
        foreach (var rule in PairRulesThatBind.Where(settings.TakesRule))
        {
            var cells = new[] { 2, 3, 10 }.Select(labels => Cell(settings, $"tie of {labels}", runs, run => RejectsMode(labels, rule, run)));
            settings.Output.WriteLine($"{rule,-23}{string.Concat(cells)}");
        }

        if (settings.TakesRule(LabelRules.OneSidedRank))
        {
            settings.Output.WriteLine($"Open sets, delta {Delta}: another label than the mode named within {OpenSetLabels:N0} labels, of {runs:N0} runs");
            var cells = OpenSets.Select(set => Cell(settings, $"{set.Labels} by {set.Counters}", runs, run => NamesAnother(set.Labels, set.Counters, run)));
            settings.Output.WriteLine($"{LabelRules.OneSidedRank,-23}{string.Concat(cells)}");
        }
    }

    private static string Cell(RunSettings settings, string name, int runs, Func<int, bool> isWrong)
    {
        var wrong = 0;
        Parallel.For(0, runs, run => Interlocked.Add(ref wrong, isWrong(run) ? 1 : 0));
        return string.Create(CultureInfo.InvariantCulture, $"{name + ":",14}{wrong / (double)runs,8:P2}{settings.Promise(Measurement.IsWithin(Delta, wrong, runs)),1}");
    }

    private static bool RejectsMode(int kinds, string rule, int run)
    {
        var state = (ulong)run << 32;
        var source = new LabelSource([.. Enumerable.Repeat(1.0 / kinds, kinds)]);
        var estimator = new PairModeEstimator(kinds, Delta, long.MaxValue, rule);
        var labels = new List<int>(PairSamples);
        while (labels.Count < PairSamples && !estimator.IsDecided)
        {
            labels.Add(source.Next(ref state));
            estimator.Begin(labels.Count - 1);
            while (estimator.Wanted is { } bin)
            {
                estimator.Answer(labels[^1] == labels[estimator.Representatives[bin]]);
            }
        }

        return !estimator.IsFounding && estimator.Left.All(bin => labels[estimator.Representatives[bin]] != 0);
    }

    private static bool NamesAnother(int kinds, int counters, int run)
    {
        var state = (ulong)run << 32;
        var source = new LabelSource([.. Enumerable.Repeat(1.0 / kinds, kinds)]);
        var names = Enumerable.Range(0, kinds).Select(label => label.ToString(CultureInfo.InvariantCulture)).ToArray();
        var estimator = new OpenSetEstimator(counters, Delta);
        for (var n = 0; n < OpenSetLabels && estimator.Mode is null; n++)
        {
            estimator.Add(names[source.Next(ref state)]);
        }

        return estimator.Mode is not (null or "0");
    }
}
