using Streams.Schemas.Labels;

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
/// One-versus-one: stops when the evidence of the leader against the runner-up reaches (K-1)/delta. No other pair need be looked
/// at, for the evidence falls as the rival's count rises. O(1) a label.
/// </summary>
internal sealed class PairRule : IStoppingRule
{
    /// <summary>Raised whenever the same labels could lead to another outcome, so that a stored result says how it was made.</summary>
    private const int Version = 1;

    private readonly PairPrior _prior;
    private readonly int _labels;
    private readonly TopTwo _counts;
    private readonly Boundary _boundary;

    public PairRule(PairPrior prior, int labels, double delta, TopTwo counts)
    {
        _prior = prior;
        _labels = labels;
        _counts = counts;
        _boundary = new Boundary(prior, labels, delta);
        _boundary.AdvanceTo(counts.Second);
    }

    public string Stated => $"{(_prior == PairPrior.Whole ? LabelRules.Ppr : LabelRules.OneSided)}/{Version}";

    public int? Mode => _counts.First >= _boundary.Needed ? _counts.Leader : null;

    public long LeaderNeeded => _boundary.Needed;

    public double LogEValue => Evidence.Log(_prior, _counts.First, _counts.Second);

    public double PValue => Evidence.PValue(_labels - 1, LogEValue);

    public void Counted(int label) => _boundary.AdvanceTo(_counts.Second);

    /// <summary>The counts tell everything.</summary>
    public void Save(BinaryWriter writer)
    {
    }

    public void Restore(BinaryReader reader)
    {
    }
}
