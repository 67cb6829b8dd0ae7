using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// The elimination of Algorithm 2 of Shah et al. (AAAI 2020). After t samples a label seen s times has a share of s/t, give or take
/// beta = sqrt(2 V L / t) + 7 L / (3(t-1)), V = s(t-s)/(t(t-1)), L = ln(4 K t^2 / delta) (Maurer and Pontil 2009); a label is rejected
/// when the upper end of its range is below the lower end of the leader's. A label that was never seen has s = 0. Two-sided, over K labels
/// and all t from 2: 0.645 delta in all.
/// </summary>
/// <remarks>
/// Made of operations that IEEE 754 rounds the same on every machine (a logarithm of the C library is not one), so that a replay
/// elsewhere decides the same.
/// </remarks>
internal sealed class EmpiricalBernsteinElimination(int labels, double delta, TopTwo counts) : IPairElimination
{
    /// <summary>Raised whenever the same answers could lead to another outcome.</summary>
    private const int Version = 1;

    private const double Ln2 = 0.69314718055994531;
    private const double SquareRootOfHalf = 0.70710678118654752;

    private readonly double _constant = Logarithm(4.0 * labels / delta);

    /// <summary>t: samples so far, those that equal no bin that is left among them.</summary>
    private long _samples;

    /// <summary>L at <see cref="_samples"/>.</summary>
    private double _logarithm;

    private double _leaderAtLeast;

    public string Stated => $"{PairRules.EmpiricalBernstein}/{Version}";

    public bool IsUnseenOut { get; private set; }

    public bool InfersLast => false;

    public long? LeaderNeeded => null;

    /// <summary>These bounds are no e-values.</summary>
    public double LogEValue => 0;

    /// <summary>Of the event that all bounds hold; what the rule says is all or nothing.</summary>
    public double PValue => 1;

    public bool IsOut(int bin) => _samples > 1 && bin != counts.Leader && Share(counts.Counts[bin]) + Radius(counts.Counts[bin]) < _leaderAtLeast;

    public void Counted(int bin)
    {
        _samples++;
        Measure();
        IsUnseenOut |= _samples > 1 && Radius(0) < _leaderAtLeast;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(_samples);
        writer.Write(IsUnseenOut);
    }

    public void Restore(BinaryReader reader)
    {
        _samples = reader.Read7BitEncodedInt64();
        IsUnseenOut = reader.ReadBoolean();
        Measure();
    }

    /// <summary>ln(x) for x of at least 1, by x = 2^e m and ln(m) = 2 artanh((m-1)/(m+1)); within a few units of the last place.</summary>
    internal static double Logarithm(double x)
    {
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 2 * SquareRootOfHalf)
        {
            mantissa /= 2;
            exponent++;
        }

        var z = (mantissa - 1) / (mantissa + 1);
        var (power, sum) = (z, 0.0);
        for (var k = 1; k <= 25; k += 2)
        {
            sum += power / k;
            power *= z * z;
        }

        return (exponent * Ln2) + (2 * sum);
    }

    private void Measure()
    {
        if (_samples > 1)
        {
            _logarithm = _constant + (2 * Logarithm(_samples));
            _leaderAtLeast = Share(counts.First) - Radius(counts.First);
        }
    }

    private double Share(long count) => count / (double)_samples;

    private double Radius(long count)
    {
        var t = (double)_samples;
        var variance = count * (t - count) / (t * (t - 1));
        return Math.Sqrt(2 * variance * _logarithm / t) + (7 * _logarithm / (3 * (t - 1)));
    }
}
