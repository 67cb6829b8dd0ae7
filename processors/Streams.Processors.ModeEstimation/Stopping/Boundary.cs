using System.Numerics;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// a*(b): the least leader count at which a rule stops while the runner-up has b. Exact: whatever the machine, a task
/// stops at the same label, which replay relies on. a*(b) never falls with b, and one step of the walk costs the same at any b.
/// </summary>
/// <remarks>
/// Evidence, with n = a + b: PPR R(a,b) = 2^n / ((n+1) C(n,a)); one-sided E(a,b) = (sum over i up to a of C(n+1,i)) / ((n+1) C(n,a)).
/// Both start at 1 and obey, with c = 0 for R and c = 1 for E,
/// X(a+1,b) = (2(a+1) X + c)/(n+2) and X(a,b+1) = (2(b+1) X - c)/(n+2).
/// The walk keeps a lower and an upper bound of X in fixed point, rounded outwards at each step. Nearly always both are on
/// the same side of (K-1)/delta; where they are not (X may equal the threshold), the closed form decides in whole numbers.
/// </remarks>
internal sealed class Boundary : IBoundaryWalk
{
    /// <summary>Each step loses at most 2^-128, so after 2^40 steps the bounds still differ by less than 2^-80 of the threshold.</summary>
    private const int FractionBits = 128;

    private readonly bool _oneSided;
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
    {
        _oneSided = prior == PairPrior.UpperHalf;
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
            Step(2 * (_b + 1), _oneSided ? -1 : 0);
            _b++;
            RaiseLeader();
        }
    }

    public IBoundaryWalk Copy() => (Boundary)MemberwiseClone();

    private void RaiseLeader()
    {
        while (!Reached())
        {
            Step(2 * (Needed + 1), _oneSided ? 1 : 0);
            Needed++;
        }
    }

    private void Step(long factor, int constant)
    {
        var divisor = Needed + _b + 2;
        var added = (BigInteger)constant << FractionBits;
        _low = ((_low * factor) + added) / divisor;
        _high = ((_high * factor) + added + divisor - 1) / divisor;
    }

    private bool Reached() => _low >= _thresholdHigh || (_high >= _thresholdLow && ReachedExactly(_oneSided, _threshold, Needed, _b));

    /// <summary>The closed form in whole numbers: slow, and never wrong.</summary>
    internal static bool ReachedExactly(bool oneSided, Ratio threshold, long a, long b)
    {
        var n = a + b;
        var ways = BigInteger.One;
        for (var i = 1L; i <= a; i++)
        {
            ways = ways * (b + i) / i;
        }

        BigInteger evidence;
        if (oneSided)
        {
            var term = BigInteger.One;
            evidence = term;
            for (var i = 1L; i <= a; i++)
            {
                term = term * (n + 2 - i) / i;
                evidence += term;
            }
        }
        else
        {
            evidence = BigInteger.One << checked((int)n);
        }

        return evidence * threshold.Denominator >= (n + 1) * ways * threshold.Numerator;
    }
}
