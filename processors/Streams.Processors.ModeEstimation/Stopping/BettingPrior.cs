namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// What leader betting believes beforehand about theta, the leader's share of the labels of a pair: a mixture of the densities
/// proportional to (theta (1-theta))^(c-1) on [1/2, 1]. The greater c, the nearer to a tie it expects theta.
/// </summary>
/// <remarks>
/// E_c(a,b) is the mean of (2 theta)^a (2 (1-theta))^b under one density; in closed form
/// 2^(n+1) B(a+c,b+c) I_1/2(b+c,a+c) / B(c,c) with n = a + b. Integration by parts turns that into
///   E_c(a+1,b) = (2 (a+c) E_c + k_c)/(n+2c),   E_c(a,b+1) = (2 (b+c) E_c - k_c)/(n+2c),   k_c = 4^(1-c)/B(c,c),
/// and, by symmetry, E_c(m,m) = k_c/k_(c+m), where k_1 = 1 and k_(c+1) = k_c (2c+1)/(2c). So the mixture E and its bet
/// 2 theta = E(a+1,b)/E(a,b) follow the counts with additions, multiplications and divisions alone. E outgrows a double, its
/// reciprocal does not: that and the share of each density in E are kept. An error in a share does not grow while a is at least b.
/// </remarks>
internal sealed class BettingPrior
{
    /// <summary>Shapes c of the densities other than the uniform one, c = 1: a gap of a few per cent, and of a few in a thousand.</summary>
    public const int NearShape = 20;

    /// <inheritdoc cref="NearShape" />
    public const int NearestShape = 400;

    private static readonly double s_nearConstant = ConstantOf(NearShape);
    private static readonly double s_nearestConstant = ConstantOf(NearestShape);

    private readonly double _flat;
    private readonly double _near;
    private readonly double _nearest;

    private BettingPrior(double flat, double near, double nearest)
    {
        (_flat, _near, _nearest) = (flat, near, nearest);
        Start = new PairEvidence(1, flat, near, nearest);
    }

    /// <summary>c = 1 alone: uniform on [1/2, 1].</summary>
    public static BettingPrior Uniform { get; } = new(1, 0, 0);

    /// <summary>c = 1, 20 and 400 in equal parts.</summary>
    public static BettingPrior Mixture { get; } = new(1 / 3.0, 1 / 3.0, 1 / 3.0);

    public bool IsMixture => _flat < 1;

    /// <summary>E(0,0) = 1.</summary>
    public PairEvidence Start { get; }

    /// <summary>E(a+1,b) from E(a,b).</summary>
    /// <param name="evidence">E(a,b).</param>
    /// <param name="a">Labels of the leader.</param>
    /// <param name="b">Labels of the rival, no more.</param>
    /// <param name="gain">2 theta, from 1 to 2 whatever rounding does.</param>
    public PairEvidence LeaderCame(in PairEvidence evidence, long a, long b, out double gain)
    {
        var parts = Scaled(evidence, a, 1, a + b);
        gain = Bounded(parts, a, b);
        return parts.Over(parts.Sum, evidence.Inverse / gain);
    }

    /// <summary>E(a,b+1) from E(a,b), b below a or both level.</summary>
    /// <param name="evidence">E(a,b).</param>
    /// <param name="a">Labels of the leader.</param>
    /// <param name="b">Labels of the rival.</param>
    /// <param name="loss">2 (1 - theta).</param>
    public PairEvidence RivalCame(in PairEvidence evidence, long a, long b, out double loss)
    {
        loss = 2 - Bounded(Scaled(evidence, a, 1, a + b), a, b);
        var parts = Scaled(evidence, b, -1, a + b);
        return parts.Over(parts.Sum, evidence.Inverse / loss);
    }

    /// <summary>E(m,m).</summary>
    public PairEvidence At(LevelEvidence level)
    {
        var parts = new PairEvidence(0, _flat, _near * (level.Flat / level.Near), _nearest * (level.Flat / level.Nearest));
        return parts.Over(parts.Sum, level.Flat / parts.Sum);
    }

    public void Save(BinaryWriter writer, in PairEvidence evidence)
    {
        writer.Write(evidence.Inverse);
        if (IsMixture)
        {
            writer.Write(evidence.Flat);
            writer.Write(evidence.Near);
            writer.Write(evidence.Nearest);
        }
    }

    public PairEvidence Restore(BinaryReader reader)
    {
        var inverse = reader.ReadDouble();
        return IsMixture ? new PairEvidence(inverse, reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()) : Start with { Inverse = inverse };
    }

    private static double ConstantOf(int shape)
    {
        var constant = 1.0;
        for (var c = 1; c < shape; c++)
        {
            constant *= ((2 * c) + 1) / (2.0 * c);
        }

        return constant;
    }

    /// <summary>The parts of E after a label, in units of E before it.</summary>
    private PairEvidence Scaled(in PairEvidence evidence, long count, double sign, long n) => new(
        evidence.Inverse,
        ((2.0 * (count + 1) * evidence.Flat) + (sign * _flat * evidence.Inverse)) / (n + 2),
        ((2.0 * (count + NearShape) * evidence.Near) + (sign * _near * s_nearConstant * evidence.Inverse)) / (n + (2 * NearShape)),
        ((2.0 * (count + NearestShape) * evidence.Nearest) + (sign * _nearest * s_nearestConstant * evidence.Inverse)) / (n + (2 * NearestShape)));

    /// <summary>No density expects more of theta than the uniform one, and that the most at b = 0.</summary>
    private static double Bounded(in PairEvidence parts, long a, long b) =>
        Math.Clamp(parts.Sum, 1, ((2.0 * (a + b)) + 3) / (a + b + 2));
}

/// <summary>E(a,b) of a mixture.</summary>
/// <param name="Inverse">1/E.</param>
/// <param name="Flat">Share of the density c = 1 in E.</param>
/// <param name="Near">Share of c = 20.</param>
/// <param name="Nearest">Share of c = 400.</param>
internal readonly record struct PairEvidence(double Inverse, double Flat, double Near, double Nearest)
{
    public double Sum => Flat + Near + Nearest;

    public PairEvidence Over(double sum, double inverse) => new(inverse, Flat / sum, Near / sum, Nearest / sum);
}

/// <summary>1/E_c(m,m) of each density.</summary>
internal readonly record struct LevelEvidence(double Flat, double Near, double Nearest)
{
    public static LevelEvidence Start { get; } = new(1, 1, 1);

    /// <summary>From m - 1 to <paramref name="m"/>.</summary>
    public LevelEvidence Raise(long m) => new(
        Flat * Ratio(m),
        Near * Ratio(m + BettingPrior.NearShape - 1),
        Nearest * Ratio(m + BettingPrior.NearestShape - 1));

    private static double Ratio(long c) => ((2 * c) + 1) / (2.0 * c);
}
