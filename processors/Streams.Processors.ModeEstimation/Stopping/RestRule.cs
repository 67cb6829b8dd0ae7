using System.Numerics;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// One-versus-rest: each label has a confidence set for its share of all labels, and the leader's must lie above every other. The
/// runner-up's reaches highest of the others, so that it alone is looked at. Three counts decide (leader, runner-up, all), hence no
/// table but arithmetic of <see cref="PortableMath"/>, alike on every machine. O(1) a label.
/// </summary>
internal abstract class RestRule : IStoppingRule
{
    /// <summary>Raised whenever the same labels could lead to another outcome.</summary>
    private const int Version = 1;

    private readonly string _name;
    private readonly int _labels;
    private readonly TopTwo _counts;

    protected RestRule(string name, int labels, double delta, TopTwo counts)
    {
        _name = name;
        _labels = labels;
        _counts = counts;
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 2);
        LogThreshold = PortableMath.Log(Boundary.Threshold((BigInteger)labels, delta));
    }

    public string Stated => $"{_name}/{Version}";

    public int? Mode { get; private set; }

    public long LeaderNeeded => Mode is null
        ? LeaderSearch.Find(_counts.First, leader => IsReached(leader, _counts.Second, _counts.Total + leader - _counts.First))
        : _counts.First;

    public double LogEValue => Evidence.Log(PairPrior.UpperHalf, _counts.First, _counts.Second);

    public double PValue => Evidence.PValue(_labels - 1, LogEValue);

    /// <summary>ln(K/delta).</summary>
    protected double LogThreshold { get; }

    public bool IsOut(int label) => label != _counts.Leader && IsBelow(_counts.Of(label));

    public void Counted(int label) => Decide();

    /// <summary>The counts tell everything.</summary>
    public void Save(BinaryWriter writer)
    {
    }

    public void Restore(BinaryReader reader) => Decide();

    /// <summary>
    /// Both sets reach at least sqrt(<see cref="LeastReach"/> x (1-x)/t) from a share x that lies between the two, or at its end: without a logarithm,
    /// that settles nearly every label.
    /// </summary>
    protected abstract double LeastReach { get; }

    /// <summary>Whether the confidence sets of the two are apart after <paramref name="total"/> labels.</summary>
    protected abstract bool IsReached(long leader, long runnerUp, long total);

    private void Decide() => Mode = _counts.Total > 0 && IsBelow(_counts.Second) ? _counts.Leader : null;

    /// <summary>Whether a label with <paramref name="count"/> is surely less frequent than the leader's.</summary>
    private bool IsBelow(long count) =>
        !IsOutOfReach(_counts.First, count, _counts.Total) && IsReached(_counts.First, count, _counts.Total);

    private bool IsOutOfReach(double leader, double runnerUp, double total) =>
        (leader - runnerUp) * (leader - runnerUp) * total < 4 * LeastReach * Math.Min(leader * (total - leader), runnerUp * (total - runnerUp));
}
