using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// The statistics of a pair (a labels of the leader, b of a rival, n = a + b) that rules stop on, with their threshold T: (K-1)/delta
/// where K-1 pairs share delta.
/// </summary>
internal static class PairStatistics
{
    /// <summary>The boundary of the rule called <paramref name="name"/> at <paramref name="threshold"/>, made on first use.</summary>
    public static BoundaryTable Table(string name, Ratio threshold) => BoundaryTable.For(name, threshold, name switch
    {
        LabelRules.Ppr => static threshold => new Boundary(PairPrior.Whole, threshold),
        LabelRules.OneSided => static threshold => new Boundary(PairPrior.UpperHalf, threshold),
        LabelRules.BernsteinPairs => static threshold => PredicateWalk.Start(Bernstein(PortableMath.Log(threshold))),
        LabelRules.KullbackLeibler => static threshold => PredicateWalk.Start(KullbackLeibler(PortableMath.Log(threshold))),
        _ => throw new ArgumentException($"'{name}' is no statistic of a pair", nameof(name)),
    });

    /// <summary>
    /// Which e-value a result of the rule states. Bounds that are no e-values leave the one-sided one, which holds
    /// at any stopping time and so at theirs.
    /// </summary>
    public static PairPrior EvidenceOf(string name) => name == LabelRules.Ppr ? PairPrior.Whole : PairPrior.UpperHalf;

    /// <summary>
    /// A1-1v1: the share of the leader less its radius exceeds the rival's share plus its own, with the radius
    /// sqrt(2 V L/n) + 7 L/(3 (n-1)), V = ab/(n (n-1)) (Maurer and Pontil) and L = ln(8 n^2 T); formula as in the code that
    /// accompanies Jain et al. In doubles, but of portable operations: far from tight, it needs no margin for rounding.
    /// </summary>
    public static Func<long, long, bool> Bernstein(double logThreshold) => (a, b) =>
    {
        var n = (double)(a + b);
        if (n < 2 || a <= b)
        {
            return false;
        }

        var log = PortableMath.Log(8 * n * n) + logThreshold;
        var variance = a * (double)b / (n * (n - 1));
        var radius = Math.Sqrt(2 * variance * log / n) + (7 * log / (3 * (n - 1)));
        return (a - b) / n > 2 * radius;
    };

    /// <summary>
    /// KLSN-1v1: n kl(a/n, 1/2) exceeds x + x (1 + ln x) / ((x-1) ln x) ln ln n, where x above 1 solves 2 e^2 x e^-x = 1/T.
    /// The bound of Garivier, "Informational confidence bounds for self-normalized averages and applications" (ITW 2013), with
    /// the constants and the threshold as read in the code that accompanies Jain et al. (github.com/rohanshah13/mode-estimation,
    /// folder "KL-SN 1v1"), which asks that the leader's lower bound exceed the rival's upper one: with a pair's two shares
    /// adding up to 1, that both lie beyond 1/2. The proof itself was not read here; error frequencies at ties were measured.
    /// </summary>
    public static Func<long, long, bool> KullbackLeibler(double logThreshold)
    {
        var x = 2.0;
        for (var i = 0; i < 100; i++)
        {
            // A contraction above 1, which its solution is: ln 2 + 2 + ln T exceeds 2.
            x = 2 + PortableMath.Ln2 + logThreshold + PortableMath.Log(x);
        }

        var logX = PortableMath.Log(x);
        var slope = x * (1 + logX) / ((x - 1) * logX);
        return (a, b) =>
        {
            // ln ln n is negative below 3; the bound is not meant for it.
            var n = (double)(a + b);
            return n >= 3 && a > b && (n * PortableMath.Ln2) + Entropy(a, n) + Entropy(b, n) > x + (slope * PortableMath.Log(PortableMath.Log(n)));
        };
    }

    private static double Entropy(double count, double n) => count == 0 ? 0 : count * PortableMath.Log(count / n);
}
