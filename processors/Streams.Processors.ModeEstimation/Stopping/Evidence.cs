using System.Globalization;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// The evidence in floating point, for people to read; no decision looks at it.
/// Rounded, so that the last digit of one machine's logarithm does not make its results differ from another's.
/// </summary>
internal static class Evidence
{
    private const int LogDecimals = 6;

    /// <summary>Natural logarithm of the e-value of <paramref name="a"/> labels against <paramref name="b"/>.</summary>
    public static double Log(PairPrior prior, long a, long b)
    {
        var n = a + b;
        var log = (n * PortableMath.Ln2) + PortableMath.LogFactorial(a) + PortableMath.LogFactorial(b) - PortableMath.LogFactorial(n + 1);
        return Round(prior == PairPrior.UpperHalf ? log + Math.Log(2 * CumulativeHalf(n + 1, a, b)) : log);
    }

    public static double Round(double logarithm) => Math.Round(logarithm, LogDecimals);

    /// <summary>min(1, hypotheses/e-value).</summary>
    public static double PValue(double hypotheses, double logEValue) =>
        double.Parse(Math.Min(1, hypotheses * Math.Exp(-logEValue)).ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>
    /// Labels of the fixed-size design of equal error: by Hoeffding's inequality and a union bound over the K labels,
    /// 2 ln(2K/delta)/gap^2 labels put every label's share within half the gap of the truth with probability 1 - delta,
    /// which settles the mode. The gap is the one observed at the end, which no fixed design knows beforehand: the comparison
    /// flatters the fixed design. A tolerance settles for a gap of its own size. 0 where there is no gap, since no design settles that.
    /// </summary>
    public static long FixedDesign(int labels, double delta, long leader, long runnerUp, long counted, double leastGap)
    {
        var gap = Math.Max(leastGap, counted == 0 ? 0 : (leader - runnerUp) / (double)counted);
        return DesignOf(2 * Math.Log(2 * labels / delta), gap);
    }

    /// <summary>
    /// The same for an open set of labels, where a union bound has no end: by the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant
    /// 8 ln(2/delta)/gap^2 labels put the distribution function within a quarter of the gap, and so every label's share within half of it.
    /// </summary>
    public static long FixedDesignOfOpenSet(double delta, double gap) => DesignOf(8 * Math.Log(2 / delta), gap);

    private static long DesignOf(double price, double gap) => gap <= 0 ? 0 : (long)Math.Min(Math.Ceiling(price / (gap * gap)), long.MaxValue / 2);

    /// <summary>P(Bin(m, 1/2) at most a), where m = a + b + 1 and a is at least b: one minus the shorter tail.</summary>
    private static double CumulativeHalf(long m, long a, long b)
    {
        var term = Math.Exp(PortableMath.LogFactorial(m) - PortableMath.LogFactorial(a + 1) - PortableMath.LogFactorial(b) - (m * PortableMath.Ln2));
        var tail = 0.0;
        for (var i = a + 1; i <= m && term > tail * 1e-17; i++)
        {
            tail += term;
            term *= (m - i) / (double)(i + 1);
        }

        return 1 - tail;
    }
}
