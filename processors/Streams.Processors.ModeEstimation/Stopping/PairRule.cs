namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>What a one-versus-one rule believes beforehand about the leader's share theta of the labels of its pair.</summary>
internal enum PairPrior
{
    /// <summary>Uniform on [0, 1]: PPR-1v1 of Jain et al. (AISTATS 2022).</summary>
    Whole,

    /// <summary>Uniform on [1/2, 1]: OS-1v1. No belief is spent on worlds in which the leader is not the mode.</summary>
    UpperHalf,
}

/// <summary>
/// One-versus-one: stops when the leader's count reaches what the runner-up's asks for. No other pair need be looked at, for a rival
/// with fewer labels asks for less. O(1) a label.
/// </summary>
internal sealed class PairRule : IStoppingRule
{
    /// <summary>Raised whenever the same labels could lead to another outcome, so that a stored result says how it was made.</summary>
    private const int Version = 1;

    private readonly string _name;
    private readonly PairPrior _evidence;
    private readonly int _labels;
    private readonly TopTwo _counts;
    private readonly LeaderBoundary _boundary;

    /// <param name="name">One of <see cref="PairStatistics"/>.</param>
    /// <param name="labels">K.</param>
    /// <param name="delta">Accepted probability of error.</param>
    /// <param name="counts">What is counted.</param>
    public PairRule(string name, int labels, double delta, TopTwo counts)
    {
        _name = name;
        _evidence = PairStatistics.EvidenceOf(name);
        _labels = labels;
        _counts = counts;
        _boundary = new LeaderBoundary(PairStatistics.Table(name, Boundary.Threshold(labels, delta)));
        LeaderNeeded = _boundary.Needed(counts.Second);
    }

    public string Stated => $"{_name}/{Version}";

    public int? Mode => _counts.First >= LeaderNeeded ? _counts.Leader : null;

    public long LeaderNeeded { get; private set; }

    public double LogEValue => Evidence.Log(_evidence, _counts.First, _counts.Second);

    public double PValue => Evidence.PValue(_labels - 1, LogEValue);

    public bool IsOut(int label) => label != _counts.Leader && _counts.First >= _boundary.Needed(_counts.Of(label));

    public void Counted(int label) => LeaderNeeded = _boundary.Needed(_counts.Second);

    /// <summary>The counts tell everything.</summary>
    public void Save(BinaryWriter writer)
    {
    }

    public void Restore(BinaryReader reader)
    {
    }
}
