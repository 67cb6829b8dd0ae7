namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// Where to cut log-likelihood ratios for the best F1 to be expected: a share d of the pairs are edges, and what the samples say of one is
/// N(m, 2m) for an edge and N(-m, 2m) for none, m nats. With little information the cut lies far below the odds of an edge, or everything
/// would be told to be none (after Lipton, Elkan and Naryanaswamy, "Optimal Thresholding of Classifiers to Maximize F1 Measure", 2014).
/// </summary>
internal static class ExpectedF1
{
    private const double Step = 0.05;
    private const double Widest = 8;

    /// <summary>The cut in nats.</summary>
    public static double Cut(double information, double density)
    {
        var spread = Math.Sqrt(2 * Math.Max(information, 1e-9));
        double best = -1, cut = 0;
        for (var c = -Widest; c <= Widest; c += Step)
        {
            double found = density * Normal((information - c) / spread), wrong = (1 - density) * Normal((-information - c) / spread);
            var f1 = 2 * found / (density + found + wrong);
            if (f1 > best)
            {
                (best, cut) = (f1, c);
            }
        }

        return cut;
    }

    /// <summary>The normal distribution to a hundredth, by a logistic curve.</summary>
    private static double Normal(double x) => 1 / (1 + Math.Exp(-1.702 * x));
}
