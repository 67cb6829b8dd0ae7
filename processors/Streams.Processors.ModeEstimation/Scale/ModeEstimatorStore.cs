using System.Numerics;
using System.Runtime.InteropServices;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>
/// Mode estimators of millions of keys in one process: the decisions of a <see cref="ModeEstimator"/> a key, in tens of bytes each. For rules that
/// counts alone decide, by a table of boundaries that all keys share: ppr-1v1, os-1v1, klsn-1v1, a1-1v1 and os-rank; and for leader-betting-pooled, whose
/// claims are a wealth each. For one thread at a time. Hot path: <c>dotnet run -c Release --project tests/Streams.Benchmarks -- modes scale</c>.
/// </summary>
/// <remarks>
/// A key is some 14 bytes of hash index, a slot of 6 bytes and 4 bytes a label, in the order in which its labels were first seen; with betting 8 bytes more, and
/// 8 more a label. One that outgrows its block, by more labels, a label's number or a count above 65,535, becomes a <see cref="ModeEstimator"/> of its own: few do,
/// for a key with so many labels of one kind is decided unless it is tied.
/// </remarks>
public sealed class ModeEstimatorStore
{
    private const byte StateVersion = 1;

    private readonly string _rule;
    private readonly int _labels;
    private readonly double _delta;
    private readonly bool _isRanked;

    /// <summary>By rank of the leader, from 1 (os-rank); at 0 for every leader (the other rules).</summary>
    private readonly BoundaryTable?[] _boundaries = new BoundaryTable?[CountBlocks.MostLabels + 1];
    private readonly KeyIndex _keys = new();
    private readonly ChunkedArray<Slot> _slots = new();
    private readonly CountBlocks _counts;

    /// <summary>Null for rules that counts alone decide.</summary>
    private readonly StoredBets? _bets;
    private readonly List<ModeEstimator> _large = [];

    /// <param name="labels">K of every key, the number of different labels or an upper bound of it, at least 2.</param>
    /// <param name="delta">Accepted probability of error a key, in (0, 1).</param>
    /// <param name="rule">One of the rules named above.</param>
    public ModeEstimatorStore(int labels, double delta, string rule)
    {
        _isRanked = rule == LabelRules.OneSidedRank;
        var bets = rule == LabelRules.LeaderBettingPooled;
        if (!_isRanked && !bets && rule is not (LabelRules.Ppr or LabelRules.OneSided or LabelRules.KullbackLeibler or LabelRules.BernsteinPairs))
        {
            throw new ArgumentException(
                $"'{rule}' needs more than counts and a wealth a label; make a ModeEstimator a key, or give another rule, such as {LabelRules.LeaderBettingPooled}", nameof(rule));
        }

        // Refuses numbers that cannot be before any label comes.
        _ = Boundary.Threshold(labels, delta);
        (_labels, _delta, _rule) = (labels, delta, rule);
        _counts = new CountBlocks(bets);
        _bets = bets ? new StoredBets(labels, delta, _counts) : null;
    }

    private enum Phase : byte
    {
        Open,
        Decided,
        Large,
    }

    /// <summary>Keys seen.</summary>
    public int Count => _keys.Count;

    /// <summary>Keys that have become an estimator of their own.</summary>
    public int LargeKeys => _large.Count;

    /// <summary>Labels that came for a key after its mode was decided. They are not counted.</summary>
    public long Late { get; private set; }

    /// <summary>Counts <paramref name="label"/>, a number from 0 to K - 1, for a key; true when that decided the key's mode.</summary>
    public bool Add(ulong key, int label)
    {
        if ((uint)label >= (uint)_labels)
        {
            throw new ArgumentOutOfRangeException(nameof(label), label, $"labels are numbered 0 to {_labels - 1}");
        }

        ref var slot = ref SlotOf(key, out var number);
        switch (slot.Phase)
        {
            case Phase.Large when !_large[slot.Block.Place].Decided:
                return _large[slot.Block.Place].Add(label);
            case Phase.Open:
                return AddSmall(ref slot, number, label);
            default:
                Late++;
                return false;
        }
    }

    /// <summary>What is known of a key; null when it has not been seen.</summary>
    public StoredMode? Find(ulong key)
    {
        var number = _keys.Find(key);
        if (number < 0)
        {
            return null;
        }

        ref var slot = ref _slots[number];
        if (slot.Phase == Phase.Large)
        {
            var estimator = _large[slot.Block.Place];
            return new StoredMode(estimator.Counted, estimator.Leader, estimator.LeaderCount, estimator.RunnerUpCount, estimator.Mode);
        }

        var total = 0L;
        var counts = _counts.Of(slot.Block);
        foreach (var count in counts)
        {
            total += count.Occurrences;
        }

        var leader = counts[slot.Leader];
        var mode = _bets?.Left(slot.Block) is { } last ? counts[last].Label : leader.Label;
        return new StoredMode(total, leader.Label, leader.Occurrences, Second(counts, slot.Leader), slot.Phase == Phase.Decided ? mode : null);
    }

    /// <summary>Writes every key; <see cref="Restore"/> reads it.</summary>
    public void Save(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(StateVersion);
        writer.Write(_rule);
        writer.Write7BitEncodedInt(_labels);
        writer.Write(_delta);
        writer.Write7BitEncodedInt64(Late);
        writer.Write7BitEncodedInt(Count);
        for (var number = 0; number < Count; number++)
        {
            ref var slot = ref _slots[number];
            writer.Write(_keys.KeyOf(number));
            writer.Write((byte)slot.Phase);
            if (slot.Phase == Phase.Large)
            {
                SaveLarge(writer, _large[slot.Block.Place]);
                continue;
            }

            writer.Write(slot.Block.Labels);
            writer.Write((byte)slot.Leader);
            foreach (var count in _counts.Of(slot.Block))
            {
                writer.Write7BitEncodedInt(count.Label);
                writer.Write7BitEncodedInt(count.Occurrences);
            }

            _bets?.Save(writer, slot.Block, number);
        }
    }

    /// <summary>A store as saved.</summary>
    /// <exception cref="InvalidDataException">The state is of another version, or damaged.</exception>
    public static ModeEstimatorStore Restore(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.ReadByte() is var version and not StateVersion)
        {
            throw new InvalidDataException($"the state of the store has version {version}; this program reads version {StateVersion}");
        }

        var rule = reader.ReadString();
        var store = new ModeEstimatorStore(reader.Read7BitEncodedInt(), reader.ReadDouble(), rule) { Late = reader.Read7BitEncodedInt64() };
        for (var keys = reader.Read7BitEncodedInt(); keys > 0; keys--)
        {
            store.RestoreKey(reader);
        }

        return store;
    }

    private static int Second(ReadOnlySpan<LabelCount> counts, int leader)
    {
        var second = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            second = i == leader ? second : Math.Max(second, counts[i].Occurrences);
        }

        return second;
    }

    private bool AddSmall(ref Slot slot, int number, int label)
    {
        var counts = _counts.Of(slot.Block);
        var at = 0;
        while (at < counts.Length && counts[at].Label != label)
        {
            at++;
        }

        if (at == counts.Length)
        {
            if (at == CountBlocks.MostLabels || label > ushort.MaxValue)
            {
                return Promote(ref slot, number).Add(label);
            }

            _counts.Append(ref slot.Block, new LabelCount((ushort)label, 0), _bets?.Unseen(number) ?? 0);
            counts = _counts.Of(slot.Block);
        }
        else if (counts[at].Occurrences == ushort.MaxValue)
        {
            return Promote(ref slot, number).Add(label);
        }

        _bets?.Bet(slot.Block, number, slot.Leader, at);

        // As TopTwo has it: the leader itself, or one that was level with it and now leads.
        var leads = counts[at].Occurrences == counts[slot.Leader].Occurrences;
        counts[at].Occurrences++;
        if (!leads)
        {
            // The runner-up's count makes the boundary rise: only a label of the leader decides.
            return false;
        }

        slot.Leader = at;
        var isDecided = _bets?.IsDecided(slot.Block, number) ?? counts[at].Occurrences >= Needed(at, Second(counts, at));
        slot.Phase = isDecided ? Phase.Decided : Phase.Open;
        return isDecided;
    }

    private long Needed(int place, int second) => _isRanked
        ? (_boundaries[place + 1] ??= PairStatistics.Table(LabelRules.OneSided, Boundary.Threshold((BigInteger)(place + 1) * (place + 2), _delta)))[second] + 1
        : (_boundaries[0] ??= PairStatistics.Table(_rule, Boundary.Threshold(_labels, _delta)))[second];

    private ModeEstimator Promote(ref Slot slot, int number)
    {
        var small = _counts.Of(slot.Block);
        var last = -1;
        foreach (var count in small)
        {
            last = Math.Max(last, count.Label);
        }

        var (counts, ranks) = (new long[last + 1], new int[last + 1]);
        for (var i = 0; i < small.Length; i++)
        {
            (counts[small[i].Label], ranks[small[i].Label]) = (small[i].Occurrences, i + 1);
        }

        using var saved = new MemoryStream();
        using var writer = new BinaryWriter(saved);
        if (_bets is null)
        {
            OneSidedRankRule.Save(writer, ranks);
        }
        else
        {
            _bets.SaveAsRule(writer, slot.Block, number, last);
        }

        saved.Position = 0;
        using var reader = new BinaryReader(saved);
        var estimator = Large(counts, last < 0 ? -1 : small[slot.Leader].Label, reader);
        _counts.Release(ref slot.Block);
        (slot.Phase, slot.Block.Place) = (Phase.Large, _large.Count);
        _large.Add(estimator);
        return estimator;
    }

    private ModeEstimator Large(IReadOnlyList<long> counts, int leader, BinaryReader rule)
    {
        var estimator = new ModeEstimator(new LabelTask("", _delta, _labels), _rule, TopTwo.Restore(counts, leader));
        estimator.RestoreRule(rule);
        return estimator;
    }

    private static void SaveLarge(BinaryWriter writer, ModeEstimator estimator)
    {
        writer.Write7BitEncodedInt(estimator.Counts.Counts.Count);
        foreach (var count in estimator.Counts.Counts)
        {
            writer.Write7BitEncodedInt64(count);
        }

        writer.Write7BitEncodedInt(estimator.Leader);
        estimator.SaveRule(writer);
    }

    private void RestoreKey(BinaryReader reader)
    {
        var key = reader.ReadUInt64();
        ref var slot = ref SlotOf(key, out var number);
        var phase = (Phase)reader.ReadByte();
        if (phase == Phase.Large)
        {
            var counts = new long[reader.Read7BitEncodedInt()];
            for (var label = 0; label < counts.Length; label++)
            {
                counts[label] = reader.Read7BitEncodedInt64();
            }

            (slot.Phase, slot.Block.Place) = (Phase.Large, _large.Count);
            _large.Add(Large(counts, reader.Read7BitEncodedInt(), reader));
            return;
        }

        var labels = reader.ReadByte();
        var leader = reader.ReadByte();
        if (phase > Phase.Large || labels is 0 or > CountBlocks.MostLabels || leader >= labels)
        {
            throw new InvalidDataException($"key {key} is damaged: phase {phase}, {labels} labels, leader {leader}");
        }

        (slot.Phase, slot.Leader) = (phase, leader);

        while (slot.Block.Labels < labels)
        {
            var (label, occurrences) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
            if (label is < 0 or > ushort.MaxValue || occurrences is < 1 or > ushort.MaxValue)
            {
                throw new InvalidDataException($"key {key} is damaged: label {label} came {occurrences} times");
            }

            _counts.Append(ref slot.Block, new LabelCount((ushort)label, (ushort)occurrences));
        }

        _bets?.Restore(reader, slot.Block, number);
    }

    private ref Slot SlotOf(ulong key, out int number)
    {
        number = _keys.GetOrAdd(key);
        if (number == _slots.Count)
        {
            _slots.Take(1);
            _bets?.Open();
        }

        return ref _slots[number];
    }

    /// <summary>A key, in 6 bytes. Place of its block: where its estimator is, once it is large.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Slot
    {
        private const int LeaderMask = CountBlocks.MostLabels - 1;
        private const int PhaseUnit = CountBlocks.MostLabels;

        public CountBlock Block;

        /// <summary>Leader and phase.</summary>
        private byte _standing;

        /// <summary>Position in the block.</summary>
        public int Leader
        {
            readonly get => _standing & LeaderMask;
            set => _standing = (byte)((_standing & ~LeaderMask) | value);
        }

        public Phase Phase
        {
            readonly get => (Phase)(_standing / PhaseUnit);
            set => _standing = (byte)((_standing & LeaderMask) | ((int)value * PhaseUnit));
        }
    }
}
