using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Modes;

/// <summary>Outcome of many runs of one rule.</summary>
/// <param name="Runs">Runs.</param>
/// <param name="Mean">Labels a run.</param>
/// <param name="StandardError">Of the mean.</param>
/// <param name="Wrong">Runs that named another label than the mode.</param>
/// <param name="Undecided">Runs that used up the budget.</param>
internal sealed record Measurement(int Runs, double Mean, double StandardError, int Wrong, int Undecided)
{
    /// <summary>Runs of the rules that are known to be slow and need no more to be placed.</summary>
    public const int SlowRuns = 250;

    /// <summary>
    /// Runs number 0 to <paramref name="runs"/> - 1; run r sees the same labels under every rule.
    /// </summary>
    /// <param name="law">Shares, the mode's first.</param>
    /// <param name="rule">A name of <see cref="LabelRules"/>.</param>
    /// <param name="delta">Accepted probability of error.</param>
    /// <param name="runs">Runs.</param>
    /// <param name="budget">Labels after which a run ends undecided.</param>
    /// <param name="batch">Labels that arrive together, in an order that a shuffle made.</param>
    public static Measurement Of(IReadOnlyList<double> law, string rule, double delta, int runs, long budget = long.MaxValue, int batch = 1)
    {
        var source = new LabelSource(law);
        var counted = new long[runs];
        var named = new int[runs];
        Parallel.For(0, runs, run =>
        {
            var estimator = new ModeEstimator(law.Count, delta, rule);
            var (state, order) = ((ulong)run << 32, ~((ulong)run << 32));
            var arrivals = new int[batch];
            while (!estimator.Decided && estimator.Counted < budget)
            {
                for (var i = 0; i < batch; i++)
                {
                    var at = batch == 1 ? 0 : (int)(LabelSource.NextBits(ref order) % (ulong)(i + 1));
                    (arrivals[i], arrivals[at]) = (arrivals[at], source.Next(ref state));
                }

                for (var i = 0; i < batch && !estimator.Decided && estimator.Counted < budget; i++)
                {
                    estimator.Add(arrivals[i]);
                }
            }

            (counted[run], named[run]) = (estimator.Counted, estimator.Mode ?? -1);
        });
        var mean = counted.Average();
        var deviation = Math.Sqrt(counted.Sum(count => (count - mean) * (count - mean)) / (runs - 1));
        return new Measurement(runs, mean, deviation / Math.Sqrt(runs), named.Count(label => label > 0), named.Count(label => label < 0));
    }

    public static bool IsSlow(string rule) => rule is LabelRules.Bernstein or LabelRules.BernsteinPairs;

    /// <summary>Whether so many errors are what delta allows, but for luck beyond four standard deviations.</summary>
    public static bool IsWithin(double delta, int wrong, int runs) => wrong <= (delta * runs) + (4 * Math.Sqrt(delta * (1 - delta) * runs));
}
