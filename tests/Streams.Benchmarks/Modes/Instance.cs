namespace Streams.Benchmarks.Modes;

/// <summary>A law of labels.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="Law">Shares, the mode's first.</param>
internal sealed record Instance(string Name, double[] Law)
{
    /// <summary>The laws that Shah et al., Jain et al. and the project's design page have figures for.</summary>
    public static IReadOnlyList<Instance> Published { get; } =
    [
        new("B65", [0.65, 0.35]),
        new("B90", [0.9, 0.1]),
        new("T60", [0.6, 0.3, 0.1]),
        new("F35", [0.35, 0.25, 0.2, 0.2]),
        new("P1", [0.5, 0.25, 0.25]),
        new("P2", [0.4, 0.2, 0.2, 0.2]),
        new("P3", [0.2, .. Enumerable.Repeat(0.1, 8)]),
        new("P4", [0.1, .. Enumerable.Repeat(0.05, 18)]),
        new("P5", [0.35, 0.33, 0.12, 0.1, 0.1]),
    ];

    /// <summary>Shares in proportion to 1, 2^-exponent, 3^-exponent, ...: a law with a long tail, for which nothing is published.</summary>
    public static Instance Zipf(double exponent, int labels)
    {
        var weights = Enumerable.Range(1, labels).Select(rank => Math.Pow(rank, -exponent)).ToArray();
        var sum = weights.Sum();
        return new($"Zipf {exponent} x {labels}", [.. weights.Select(weight => weight / sum)]);
    }

    /// <summary>
    /// kl(delta, 1-delta)/D, D = p1 ln(2 p1/(p1+p2)) + p2 ln(2 p2/(p1+p2)): no rule that errs with probability delta at most on every law has a smaller
    /// mean (transportation lemma of Kaufmann, Cappé, Garivier, JMLR 2016).
    /// </summary>
    public double LowerBound(double delta) => LowerBound(delta, rival: 1);

    /// <summary>The same for telling the mode from one other label.</summary>
    public double LowerBound(double delta, int rival)
    {
        var (first, second) = (Law[0], Law[rival]);
        var middle = (first + second) / 2;
        var divergence = (first * Math.Log(first / middle)) + (second * Math.Log(second / middle));
        return (1 - (2 * delta)) * Math.Log((1 - delta) / delta) / divergence;
    }
}
