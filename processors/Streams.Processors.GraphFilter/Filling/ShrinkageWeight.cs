namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// The share rho of the graph's model in the covariance that fills gaps: N / (N + 2 m T) for candidates m, mixed with weights that follow how well each
/// foretold the observed entries of the rows so far; each row is foretold before it is learned from. Log weights are discounted and a
/// share of the weight is spread evenly (fixed share, Herbster and Warmuth 1998), so that none is ever beyond recall.
/// </summary>
internal sealed class ShrinkageWeight
{
    private const double Discount = 0.97;
    private const double Spread = 1e-3;

    private static readonly double[] Multipliers = [0.25, 1.5, 10, 60];

    public static int Candidates => Multipliers.Length;

    public double[] Weights { get; } = [.. Multipliers.Select(_ => 1.0 / Multipliers.Length)];

    /// <summary>rho of one candidate, for N sensors and a memory of so many whole rows.</summary>
    public static double ShareOf(int candidate, int sensors, double rows) => sensors / (sensors + (2 * Multipliers[candidate] * rows));

    /// <summary>rho.</summary>
    public double Share(int sensors, double rows)
    {
        var share = 0d;
        for (var k = 0; k < Weights.Length; k++)
        {
            share += Weights[k] * ShareOf(k, sensors, rows);
        }

        return share;
    }

    /// <summary>Learns from -2 log density of a row's observed entries under each candidate.</summary>
    public void Learn(ReadOnlySpan<double> deviances)
    {
        Span<double> scores = stackalloc double[Weights.Length];
        var best = double.NegativeInfinity;
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] = (Discount * Math.Log(Weights[k])) - (0.5 * deviances[k]);
            best = Math.Max(best, scores[k]);
        }

        var total = 0d;
        for (var k = 0; k < scores.Length; k++)
        {
            total += Weights[k] = Math.Exp(scores[k] - best);
        }

        for (var k = 0; k < scores.Length; k++)
        {
            Weights[k] = ((1 - Spread) * Weights[k] / total) + (Spread / scores.Length);
        }
    }
}
