using System.Numerics;
using System.Text;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>
/// The mode of labels whose number nobody knows and nothing bounds, in bounded memory: OS-rank (<see cref="LabelRules.OneSidedRank"/>) on the counts of
/// <see cref="SpaceSaving{TLabel}"/>, a lower bound of the leader's count against an upper bound of every rival's.
/// </summary>
/// <remarks>
/// Why it errs with probability delta at most, whatever the law and the capacity. Number the counters in the order in which they are started; a label that
/// lost its counter and comes again starts another. The r-th start is at a stopping time T_r, which fixes its label l_r. Let a be the occurrences of
/// l_r after T_r and b those of the mode m after T_r, and l_r another label than m. Then E(a,b) of OS-1v1 starts at 1 and is a
/// supermartingale from T_r on, for theta = p_l/(p_l + p_m) is at most 1/2: it ever reaches r(r+1)/delta with probability delta/(r(r+1)) at most (Ville),
/// and over all r that adds up to delta. What is looked at is never more than that E. While l_r keeps its counter, a is count - error - 1 exactly
/// (the counter has counted all since its start; the first occurrence, which started it, is left out, for it fixed r). And the bound of the rivals,
/// the largest of the other counters and of what a label without one may have come, is at least all of m's occurrences and so at least b; E falls as b rises.
/// <para>
/// The price: a label needs more occurrences than any rival may have, so the mode must lead by more than the smallest counter, which is at most
/// 1/capacity of all labels. Where it does not, nothing is decided, and nothing false.
/// </para>
/// Only the label that has just come is looked at: all else makes evidence fall. O(log capacity) a label, O(capacity) where the label leads.
/// </remarks>
public sealed class OpenSetEstimator
{
    private const byte StateVersion = 1;

    private readonly int _capacity;
    private readonly SpaceSaving<string> _counters;

    /// <summary>Boundary of the rank that was last looked at; its rivals' bound never falls.</summary>
    private (long Rank, LeaderBoundary Boundary)? _boundary;

    /// <param name="capacity">Labels with a counter, at least 2: what bounds the memory.</param>
    /// <param name="delta">Accepted probability of error, in (0, 1).</param>
    public OpenSetEstimator(int capacity, double delta)
        : this(capacity, delta, new SpaceSaving<string>(capacity))
    {
    }

    private OpenSetEstimator(int capacity, double delta, SpaceSaving<string> counters)
    {
        // Refuses a delta that cannot be before any label comes.
        _ = Boundary.Threshold(BigInteger.One, delta);
        (_capacity, Delta, _counters) = (capacity, delta, counters);
    }

    /// <summary>Accepted probability of error.</summary>
    public double Delta { get; }

    /// <summary>Labels counted.</summary>
    public long Counted => _counters.Total;

    /// <summary>The mode, once known with the promised confidence; null before.</summary>
    public string? Mode { get; private set; }

    /// <summary>Labels counted before which nothing is settled.</summary>
    internal long Minimum { get; init; }

    /// <summary>The label that has certainly come most often, how often at least, and how often any other at most; null before any. O(capacity).</summary>
    public (string? Label, long AtLeast, long RivalAtMost) Leader => _counters.Bounds();

    /// <summary>Counts <paramref name="label"/>; true when that settled the mode.</summary>
    /// <exception cref="InvalidOperationException">The mode is known.</exception>
    public bool Add(string label)
    {
        ArgumentNullException.ThrowIfNull(label);
        if (Mode is not null)
        {
            throw new InvalidOperationException("the mode is known; a label more could only shake a guarantee that was given");
        }

        _counters.Add(label);
        if (Counted >= Minimum && IsSettledBy(label))
        {
            Mode = label;
        }

        return Mode is not null;
    }

    /// <summary>What is known by now. O(capacity log capacity): for reports.</summary>
    internal OpenSetStanding Standing()
    {
        var (leader, atLeast, rivalAtMost) = _counters.Bounds();
        if (leader is null)
        {
            return new OpenSetStanding(null, 0, 0, 0, 0, 1, [], IsUnseenOut: false);
        }

        var since = atLeast - 1;
        var boundary = BoundaryOf(_counters.RankOf(leader));
        var log = since > rivalAtMost ? Evidence.Log(PairPrior.UpperHalf, since, rivalAtMost) : 0;
        var counted = _counters.Counted().ToList();
        return new OpenSetStanding(
            leader,
            atLeast,
            rivalAtMost,
            Math.Max(0, _counters.CountOf(leader).AtMost - counted.Where(other => other.Label != leader).Select(other => other.AtLeast).DefaultIfEmpty(0).Max()),
            log,
            Evidence.PValue(_counters.RankOf(leader) * (_counters.RankOf(leader) + 1.0), log),
            [.. counted.Where(other => other.Label == leader || !IsOut(other.AtMost)).Select(other => other.Label)],
            IsOut(_counters.UnseenAtMost));

        bool IsOut(long atMost) => since > atMost && since >= boundary.Needed(atMost);
    }

    /// <summary>Writes the state; <see cref="Restore(BinaryReader)"/> reads it.</summary>
    public void Save(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(StateVersion);
        writer.Write7BitEncodedInt(_capacity);
        writer.Write(Delta);
        writer.Write(Mode is not null);
        if (Mode is not null)
        {
            writer.Write(Mode);
        }

        _counters.Save(writer, writer.Write);
    }

    /// <summary>An estimator as saved.</summary>
    /// <param name="reader">Reads text as <see cref="Encoding.UTF8"/>.</param>
    /// <exception cref="InvalidDataException">The state is of another version, or damaged.</exception>
    public static OpenSetEstimator Restore(BinaryReader reader) => Restore(reader, 0);

    internal static OpenSetEstimator Restore(BinaryReader reader, long minimum)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.ReadByte() is var version and not StateVersion)
        {
            throw new InvalidDataException($"the state of the estimator has version {version}; this program reads version {StateVersion}");
        }

        var (capacity, delta) = (reader.Read7BitEncodedInt(), reader.ReadDouble());
        if (capacity < 2 || delta is not (> 0 and < 1))
        {
            throw new InvalidDataException($"the state of the estimator is damaged: {capacity} counters, delta {delta}");
        }

        var mode = reader.ReadBoolean() ? reader.ReadString() : null;
        return new OpenSetEstimator(capacity, delta, SpaceSaving<string>.Restore(capacity, reader, reader.ReadString)) { Mode = mode, Minimum = minimum };
    }

    private bool IsSettledBy(string label)
    {
        // No evidence without a lead, and a label that no counter tells apart from the unseen ones has none: this passes nearly all over.
        var since = _counters.CountOf(label).AtLeast - 1;
        if (since <= _counters.UnseenAtMost)
        {
            return false;
        }

        var rival = _counters.RivalAtMost(label);
        return since > rival && since >= BoundaryOf(_counters.RankOf(label)).Needed(rival);
    }

    private LeaderBoundary BoundaryOf(long rank)
    {
        if (_boundary?.Rank != rank)
        {
            _boundary = (rank, new LeaderBoundary(PairStatistics.Table(LabelRules.OneSided, Boundary.Threshold((BigInteger)rank * (rank + 1), Delta))));
        }

        return _boundary.Value.Boundary;
    }
}
