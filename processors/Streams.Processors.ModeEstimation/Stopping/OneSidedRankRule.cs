using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// OS-rank: OS-1v1 for a number of labels that nobody knows. The r-th label to be seen may err with probability delta/(r(r+1)), which
/// adds up to delta over any number of labels. Its own first label does not count, since that is what fixed r; counting the rival's labels
/// from before then as well only makes it more careful, for the evidence falls as the rival's count rises.
/// </summary>
internal sealed class OneSidedRankRule : IStoppingRule
{
    /// <summary>Raised whenever the same labels could lead to another outcome.</summary>
    private const int Version = 1;

    private readonly double _delta;
    private readonly TopTwo _counts;

    /// <summary>By label: in which place it was first seen, from 1; 0 before.</summary>
    private readonly List<int> _ranks = [];

    /// <summary>By rank; made when a label of that rank first leads.</summary>
    private readonly List<LeaderBoundary?> _boundaries = [];
    private int _seen;

    public OneSidedRankRule(double delta, TopTwo counts)
    {
        _delta = delta;
        _counts = counts;
        LeaderNeeded = NeededBy(1, 0);
    }

    public string Stated => $"{LabelRules.OneSidedRank}/{Version}";

    public int? Mode => _counts.First >= LeaderNeeded ? _counts.Leader : null;

    public long LeaderNeeded { get; private set; }

    public double LogEValue => Evidence.Log(PairPrior.UpperHalf, Math.Max(0, _counts.First - 1), _counts.Second);

    public double PValue => Evidence.PValue(_seen == 0 ? 1 : Price(_ranks[_counts.Leader]), LogEValue);

    public bool IsOut(int label) => label != _counts.Leader && _counts.Leader >= 0 && _counts.First >= NeededBy(_ranks[_counts.Leader], _counts.Of(label));

    public void Counted(int label)
    {
        while (_ranks.Count <= label)
        {
            _ranks.Add(0);
        }

        if (_ranks[label] == 0)
        {
            _ranks[label] = ++_seen;
        }

        LeaderNeeded = NeededBy(_ranks[_counts.Leader], _counts.Second);
    }

    public void Save(BinaryWriter writer) => Save(writer, _ranks);

    /// <summary>The saved form of <paramref name="ranks"/>: by label, in which place it was first seen, from 1; 0 for one not seen.</summary>
    public static void Save(BinaryWriter writer, IReadOnlyCollection<int> ranks)
    {
        writer.Write7BitEncodedInt(ranks.Count);
        foreach (var rank in ranks)
        {
            writer.Write7BitEncodedInt(rank);
        }
    }

    public void Restore(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            _ranks.Add(reader.Read7BitEncodedInt());
            _seen = Math.Max(_seen, _ranks[^1]);
        }

        if (_counts.Leader >= 0 && (_counts.Leader >= _ranks.Count || _ranks[_counts.Leader] == 0))
        {
            throw new InvalidDataException($"the leader, label {_counts.Leader}, has no rank");
        }

        LeaderNeeded = NeededBy(_counts.Leader < 0 ? 1 : _ranks[_counts.Leader], _counts.Second);
    }

    private static double Price(int rank) => rank * (rank + 1.0);

    private long NeededBy(int rank, long rival)
    {
        while (_boundaries.Count <= rank)
        {
            _boundaries.Add(null);
        }

        var boundary = _boundaries[rank] ??= new LeaderBoundary(PairStatistics.Table(LabelRules.OneSided, Boundary.Threshold((System.Numerics.BigInteger)rank * (rank + 1), _delta)));
        return boundary.Needed(rival) + 1;
    }
}
