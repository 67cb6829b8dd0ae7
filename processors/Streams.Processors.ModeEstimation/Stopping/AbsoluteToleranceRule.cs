namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// To name label i, every claim "p_j > p_i + epsilon" is rejected: with X the labels, the product of 1 + lambda (1{X=i} - 1{X=j} + epsilon)
/// is a supermartingale under it for any lambda from 0 to 1/(1-epsilon), and so is the mean over a few lambda; it must reach (K-1)/delta,
/// since K-1 labels may each be named wrongly. It falls as j's count rises, so that the runner-up alone is looked at.
/// </summary>
/// <remarks>
/// At a tie of two labels with share p each the best lambda is epsilon/(2p), and the labels needed are about 4 p ln((K-1)/delta)/epsilon^2; hence the
/// lambda from epsilon on, doubled up to 1/2. Three counts decide: logarithms of <see cref="PortableMath"/>, alike on every machine.
/// </remarks>
internal sealed class AbsoluteToleranceRule : IToleranceRule
{
    private const double LargestStake = 0.5;

    /// <summary>Far above what 10^9 labels can gather in rounding.</summary>
    private const double RoundingMargin = 1e-6;

    private readonly TopTwo _counts;
    private readonly double _logThreshold;

    /// <summary>By lambda: what a label of the leader, of the rival and of any other adds to the logarithm.</summary>
    private readonly (double Leader, double Rival, double Other)[] _gains;

    public AbsoluteToleranceRule(double epsilon, int labels, double delta, TopTwo counts)
    {
        if (!(epsilon is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "give a share above 0 and below 1, such as 0.02");
        }

        _counts = counts;
        _logThreshold = PortableMath.Log(Boundary.Threshold(labels, delta)) + RoundingMargin;
        var gains = new List<(double, double, double)>();
        for (var stake = Math.Min(epsilon, LargestStake); stake <= LargestStake; stake *= 2)
        {
            gains.Add((PortableMath.Log(1 + (stake * (1 + epsilon))), PortableMath.Log(1 - (stake * (1 - epsilon))), PortableMath.Log(1 + (stake * epsilon))));
        }

        _gains = [.. gains];
    }

    public bool IsReached => IsReachedAt(_counts.First);

    public long LeaderNeeded => IsReached ? _counts.First : LeaderSearch.Find(_counts.First, IsReachedAt);

    private bool IsReachedAt(long leader)
    {
        var others = _counts.Total - _counts.First - _counts.Second;
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var gain in _gains)
        {
            largest = Math.Max(largest, LogProduct(gain, leader, others));
        }

        // The mean lies between the largest over their number and the largest.
        if (largest < _logThreshold)
        {
            return false;
        }

        foreach (var gain in _gains)
        {
            sum += PortableMath.Exp(LogProduct(gain, leader, others) - largest);
        }

        return largest + PortableMath.Log(sum / _gains.Length) >= _logThreshold;
    }

    private double LogProduct((double Leader, double Rival, double Other) gain, long leader, long others) =>
        (leader * gain.Leader) + (_counts.Second * gain.Rival) + (others * gain.Other);
}
