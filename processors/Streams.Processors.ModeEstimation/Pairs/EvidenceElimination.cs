using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// Rejects a bin of b samples once the leader has a*(b) of them (<see cref="Boundary"/>): the evidence of the pair is at least
/// (K-1)/delta then. The leader's count never falls, so what is rejected stays so. Exact: no floating point decides.
/// </summary>
internal sealed class EvidenceElimination : IPairElimination
{
    /// <summary>Raised whenever the same answers could lead to another outcome.</summary>
    private const int Version = 1;

    private readonly PairPrior _prior;
    private readonly int _labels;
    private readonly TopTwo _counts;
    private readonly Boundary _boundary;

    /// <summary>a*(0), a*(1), ... as far as they were needed.</summary>
    private readonly List<long> _needed = [];

    public EvidenceElimination(PairPrior prior, int labels, double delta, TopTwo counts)
    {
        _prior = prior;
        _labels = labels;
        _counts = counts;
        _boundary = new Boundary(prior, labels, delta);
    }

    public string Stated => $"{(_prior == PairPrior.Whole ? PairRules.Ppr : PairRules.OneSided)}/{Version}";

    public bool IsUnseenOut => _counts.First >= Needed(0);

    public bool InfersLast => _prior == PairPrior.UpperHalf;

    /// <summary>A bin that was rejected needs less than the leader has.</summary>
    public long? LeaderNeeded => Math.Max(_counts.First, Needed(_counts.Second));

    public double LogEValue => Evidence.Log(_prior, _counts.First, _counts.Second);

    public double PValue => Evidence.PValue(_labels - 1, LogEValue);

    public bool IsOut(int bin) => _counts.First >= Needed(_counts.Counts[bin]);

    public void Counted(int bin)
    {
    }

    /// <summary>The counts tell everything.</summary>
    public void Save(BinaryWriter writer)
    {
    }

    public void Restore(BinaryReader reader)
    {
    }

    private long Needed(long count)
    {
        while (_needed.Count <= count)
        {
            _boundary.AdvanceTo(_needed.Count);
            _needed.Add(_boundary.Needed);
        }

        return _needed[(int)count];
    }
}
