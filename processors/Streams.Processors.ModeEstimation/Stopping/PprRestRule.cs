using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// PPR-1vr (Jain et al., AISTATS 2022): the set of a label with s of t labels is every share p whose prior-posterior ratio
/// B(s+1, t-s+1) / (p^s (1-p)^(t-s)) is below K/delta (uniform prior).
/// </summary>
/// <remarks>
/// The sets of leader and runner-up are apart just if some p between their shares is outside both. From one share to the other the
/// leader's ratio falls and the runner-up's rises, so the best p is where they meet, which their logarithms tell in closed form: they differ
/// by a constant less (s1 - s2) logit p. Any p that is outside both is proof enough, so an inexact p costs no validity. (The authors scan a grid of 0.01.)
/// </remarks>
internal sealed class PprRestRule(int labels, double delta, TopTwo counts) : RestRule(LabelRules.PprRest, labels, delta, counts)
{
    /// <summary>Far above the rounding of the logarithms for up to 10^9 labels.</summary>
    private const double RoundingMargin = 1e-6;

    /// <summary>
    /// The ratio at p is at most the greatest likelihood over that of p, whose logarithm is t kl(s/t, p) and so at most t (s/t - p)^2/(p (1-p)):
    /// a p that is outside lies sqrt(p (1-p) ln(K/delta)/t) away from both shares.
    /// </summary>
    protected override double LeastReach => LogThreshold;

    protected override bool IsReached(long leader, long runnerUp, long total)
    {
        if (leader <= runnerUp)
        {
            return false;
        }

        var all = PortableMath.LogFactorial(total + 1);
        var first = PortableMath.LogFactorial(leader) + PortableMath.LogFactorial(total - leader) - all;
        var second = PortableMath.LogFactorial(runnerUp) + PortableMath.LogFactorial(total - runnerUp) - all;
        var p = 1 / (1 + PortableMath.Exp((second - first) / (leader - runnerUp)));
        return p < leader / (double)total
            && p > runnerUp / (double)total
            && first - LogLikelihood(p, leader, total) > LogThreshold + RoundingMargin
            && second - LogLikelihood(p, runnerUp, total) > LogThreshold + RoundingMargin;
    }

    private static double LogLikelihood(double p, long count, long total) =>
        (count * PortableMath.Log(p)) + ((total - count) * PortableMath.Log(1 - p));
}
