using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// A1 (Shah et al., AAAI 2020, Algorithm 1): the share s/t of a label has the empirical Bernstein radius of Maurer and Pontil,
/// sqrt(2 V L/t) + 7 L/(3 (t-1)) with V = s (t-s)/(t (t-1)) and L = ln(4 K t^2/delta). A baseline: it asks for six to ten times the labels.
/// </summary>
internal sealed class BernsteinRule(int labels, double delta, TopTwo counts) : RestRule(LabelRules.Bernstein, labels, delta, counts)
{
    /// <summary>The first term of the radius, with t = 1 inside its logarithm.</summary>
    protected override double LeastReach => 2 * LogThreshold;

    protected override bool IsReached(long leader, long runnerUp, long total)
    {
        if (total < 2 || leader <= runnerUp)
        {
            return false;
        }

        var log = PortableMath.Log(4.0 * total * total) + LogThreshold;
        return (leader - runnerUp) / (double)total > Radius(leader, total, log) + Radius(runnerUp, total, log);
    }

    private static double Radius(double count, double total, double log) =>
        Math.Sqrt(2 * (count * (total - count) / (total * (total - 1))) * log / total) + (7 * log / (3 * (total - 1)));
}
