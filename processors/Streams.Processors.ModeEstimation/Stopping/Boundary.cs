using System.Numerics;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// a*(b): the least leader count at which a rule stops while the runner-up has b. Exact: whatever the machine, a task
/// stops at the same label, which replay relies on. a*(b) never falls with b, and one step of the walk costs the same at any b.
/// </summary>
/// <remarks>
/// Evidence, with n = a + b: PPR R(a,b) = 2^n / ((n+1) C(n,a)); one-sided, for a prior uniform on [h, 1] against theta at most h (h = 1/2 unless there is a
/// tolerance), E(a,b) = (sum over i up to a of C(n+1,i) h^i (1-h)^(n+1-i)) / ((n+1) C(n,a) h^a (1-h)^(b+1)).
/// Both start at 1 and obey, with h = 1/2 and c = 0 for R, c = 1 for E,
/// X(a+1,b) = ((a+1) X/h + c)/(n+2) and X(a,b+1) = ((b+1) X - c h)/((1-h) (n+2)).
/// The walk keeps a lower and an upper bound of X in fixed point, rounded outwards at each step. Nearly always both are on
/// the same side of the threshold; where they are not (X may equal it), the closed form decides in whole numbers.
/// </remarks>
internal sealed class Boundary : IBoundaryWalk
{
    /// <summary>Each step loses at most 2^-128, so after 2^40 steps the bounds still differ by less than 2^-80 of the threshold.</summary>
    private const int FractionBits = 128;

    /// <summary>1, or 0 for <see cref="PairPrior.Whole"/>.</summary>
    private readonly int _oneSided;

    /// <summary>p/q, the least theta of the prior; 1/2 but for a tolerance.</summary>
    private readonly Ratio _floor;
    private readonly Ratio _threshold;
    private readonly BigInteger _thresholdLow;
    private readonly BigInteger _thresholdHigh;
    private BigInteger _low = BigInteger.One << FractionBits;
    private BigInteger _high = BigInteger.One << FractionBits;
    private long _b;

    /// <summary>The walk of a task with K labels that is judged against (K-1)/delta.</summary>
    public Boundary(PairPrior prior, int labels, double delta)
        : this(prior, Threshold(labels, delta))
    {
    }

    /// <param name="prior">Which evidence.</param>
    /// <param name="threshold">What it must reach, above 1.</param>
    public Boundary(PairPrior prior, Ratio threshold)
        : this(prior == PairPrior.UpperHalf ? 1 : 0, new Ratio(1, 2), threshold)
    {
    }

    /// <summary>The prior uniform on [<paramref name="floor"/>, 1], against theta at most <paramref name="floor"/>.</summary>
    public Boundary(Ratio floor, Ratio threshold)
        : this(1, floor, threshold)
    {
    }

    private Boundary(int oneSided, Ratio floor, Ratio threshold)
    {
        _oneSided = oneSided;
        _floor = floor;
        _threshold = threshold;
        _thresholdLow = (_threshold.Numerator << FractionBits) / _threshold.Denominator;
        _thresholdHigh = _thresholdLow + 1;
        RaiseLeader();
    }

    /// <summary>(K-1)/delta.</summary>
    public static Ratio Threshold(int labels, double delta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 2);
        return Threshold((BigInteger)(labels - 1), delta);
    }

    /// <summary>hypotheses/delta: what evidence must reach when so many hypotheses share delta.</summary>
    public static Ratio Threshold(BigInteger hypotheses, double delta)
    {
        if (!(delta is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "give a probability above 0 and below 1, such as 0.01");
        }

        var error = Ratio.FromDecimal(delta);
        return new Ratio(hypotheses * error.Denominator, error.Numerator);
    }

    /// <summary>a*(b) for the b of the last <see cref="AdvanceTo"/>, at first 0.</summary>
    public long Needed { get; private set; }

    /// <summary>Moves on to a runner-up with <paramref name="runnerUp"/> labels.</summary>
    public void AdvanceTo(long runnerUp)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runnerUp, _b);
        while (_b < runnerUp)
        {
            Step(_b + 1, -_oneSided, _floor.Denominator - _floor.Numerator);
            _b++;
            RaiseLeader();
        }
    }

    public IBoundaryWalk Copy() => (Boundary)MemberwiseClone();

    private void RaiseLeader()
    {
        while (!Reached())
        {
            Step(Needed + 1, _oneSided, _floor.Numerator);
            Needed++;
        }
    }

    private void Step(long count, int sign, BigInteger share)
    {
        var factor = count * _floor.Denominator;
        var divisor = (Needed + _b + 2) * share;
        var added = (sign * _floor.Numerator) << FractionBits;
        _low = ((_low * factor) + added) / divisor;
        _high = ((_high * factor) + added + divisor - 1) / divisor;
    }

    private bool Reached() => _low >= _thresholdHigh || (_high >= _thresholdLow && ReachedExactly(_oneSided == 1, _floor, _threshold, Needed, _b));

    /// <summary>The closed form in whole numbers: slow, and never wrong.</summary>
    internal static bool ReachedExactly(bool oneSided, Ratio floor, Ratio threshold, long a, long b)
    {
        var n = a + b;
        var ways = BigInteger.One;
        for (var i = 1L; i <= a; i++)
        {
            ways = ways * (b + i) / i;
        }

        var (p, rest) = (floor.Numerator, floor.Denominator - floor.Numerator);
        BigInteger evidence;
        if (oneSided)
        {
            var term = BigInteger.Pow(rest, checked((int)(n + 1)));
            evidence = term;
            for (var i = 1L; i <= a; i++)
            {
                term = term * (n + 2 - i) * p / (i * rest);
                evidence += term;
            }
        }
        else
        {
            evidence = BigInteger.One << checked((int)n);
        }

        var scale = BigInteger.Pow(p, checked((int)a)) * BigInteger.Pow(rest, checked((int)(oneSided ? b + 1 : b)));
        return evidence * threshold.Denominator >= (n + 1) * ways * scale * threshold.Numerator;
    }
}
