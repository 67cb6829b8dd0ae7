using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// Finds the mode from answers to "do these two samples have the same label?" (query model 2 of Shah et al., "Sequential Mode
/// Estimation with Oracle Queries", AAAI 2020), with a probability of error of at most delta. Hot path.
/// </summary>
/// <remarks>
/// Each label found has a bin: the sample that founded it, which represents it, and a count. A fresh sample is compared with the
/// representatives of the bins that are left, the most frequent first, until one is equal. One that equals none founds a bin until
/// labels that have none are rejected, and is only counted as seen from then on. A rejected bin is never asked about again. The
/// mode is known when one bin is left and unseen labels are rejected.
/// <para>
/// While all K labels have bins and none is rejected, a sample that differs from K - 1 of them need not be compared with the last
/// (<see cref="IPairElimination.InfersLast"/>): with two labels that is one query a sample.
/// </para>
/// <para>
/// No bin is rejected while bins may be founded: to every rule a label without samples is the easiest to reject. So a sample that founds
/// a bin was compared with all of them.
/// </para>
/// <para>
/// If the mode itself was rejected (probability at most delta) and the labels left are tied, no end would come. Hence the budget.
/// </para>
/// </remarks>
public sealed class PairModeEstimator
{
    /// <summary>The bin of a sample that equals none of the bins that were left when it was compared.</summary>
    public const int NoBin = -1;

    private const int NoSample = -1;
    private readonly IPairElimination _elimination;
    private readonly TopTwo _counts;
    private readonly List<int> _representatives = [];
    private readonly List<int> _left = [];
    private readonly int _labels;
    private readonly int _queriesPerComparison;
    private int _sample = NoSample;
    private int _position;

    /// <summary>An estimator that has seen nothing.</summary>
    /// <param name="labels">K, the number of different labels or an upper bound of it, at least 2. Leader betting pays nothing for a large one.</param>
    /// <param name="delta">Accepted probability of error, in (0, 1).</param>
    /// <param name="maxQueries">Queries after which the estimator abstains, at least 1.</param>
    /// <param name="rule">One of <see cref="PairRules.All"/>; null for leader betting.</param>
    /// <param name="queriesPerComparison">Most queries that one comparison takes: more than one where answers are noisy (<see cref="PairRepetition"/>).</param>
    public PairModeEstimator(int labels, double delta, long maxQueries, string? rule = null, int queriesPerComparison = 1)
        : this(labels, delta, maxQueries, rule, queriesPerComparison, new TopTwo())
    {
    }

    private PairModeEstimator(int labels, double delta, long maxQueries, string? rule, int queriesPerComparison, TopTwo counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 2);
        if (!(delta is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "give a probability above 0 and below 1, such as 0.01");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(maxQueries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queriesPerComparison, 1);
        _elimination = PairEliminations.Create(rule, labels, delta, counts);
        _counts = counts;
        _labels = labels;
        _queriesPerComparison = queriesPerComparison;
        MaxQueries = maxQueries;
    }

    /// <summary>Budget.</summary>
    public long MaxQueries { get; }

    /// <summary>Queries whose answers were used.</summary>
    public long QueriesUsed { get; private set; }

    /// <summary>Samples that were looked at to the end.</summary>
    public long Samples { get; private set; }

    /// <summary>Whether a sample that equals no bin founds one.</summary>
    public bool IsFounding => _representatives.Count < _labels && !_elimination.IsUnseenOut;

    /// <summary>Whether a sample that equals none of the bins left but the last has that one's label, since there is no other.</summary>
    public bool InfersLast => _elimination.InfersLast && _left.Count == _labels;

    /// <summary>Whether the mode is known with the promised confidence.</summary>
    public bool IsDecided => _left.Count == 1 && !IsFounding;

    /// <summary>Whether the budget does not allow another comparison.</summary>
    public bool IsSpent => QueriesUsed > MaxQueries - _queriesPerComparison;

    /// <summary>The sample that represents the mode, once decided; null before.</summary>
    public int? Mode => IsDecided ? _representatives[_left[0]] : null;

    /// <summary>Bins that are not rejected, the most frequent first: at any time the mode is one of them, or unseen while bins are founded, with probability 1 - delta.</summary>
    public IReadOnlyList<int> Left => _left;

    /// <summary>The sample that represents each bin.</summary>
    public IReadOnlyList<int> Representatives => _representatives;

    /// <summary>Count of the leader.</summary>
    public long LeaderCount => _counts.First;

    /// <summary>Leader count at which the mode is known if nothing but the leader's label comes; null when the rule does not tell.</summary>
    public long? LeaderNeeded => _elimination.LeaderNeeded;

    /// <summary>The second largest count.</summary>
    public long RunnerUpCount => _counts.Second;

    /// <summary>The bin that the sample under way is to be compared with next; null when no sample is under way.</summary>
    public int? Wanted => _sample == NoSample ? null : _left[_position];

    /// <summary>Bin of the sample that was looked at last: <see cref="NoBin"/> if it equals none of those left then.</summary>
    public int LastBin { get; private set; } = NoBin;

    /// <summary>Natural logarithm of the weakest evidence against another label, for reports.</summary>
    public double LogEValue => _elimination.LogEValue;

    /// <summary>Anytime-valid p-value, for reports.</summary>
    public double PValue => _elimination.PValue;

    /// <summary>Name and version of the rule.</summary>
    public string Rule => _elimination.Stated;

    /// <summary>Takes the next sample. It founds the first bin, or <see cref="Wanted"/> says what to compare it with.</summary>
    public void Begin(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ThrowUnlessReady();
        _sample = sample;
        _position = 0;
        if (_left.Count == 0)
        {
            EndUnmatched();
        }
    }

    /// <summary>Says whether the sample under way equals the one that represents bin <see cref="Wanted"/>.</summary>
    /// <param name="equal">The answer.</param>
    /// <param name="queries">Queries that it took.</param>
    public void Answer(bool equal, int queries = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(queries);
        if (_sample == NoSample)
        {
            throw new InvalidOperationException("no sample is under way: begin with one first");
        }

        QueriesUsed += queries;
        if (equal)
        {
            End(_left[_position]);
        }
        else if (++_position == _left.Count)
        {
            EndUnmatched();
        }
        else if (InfersLast && _position == _left.Count - 1)
        {
            End(_left[_position]);
        }
    }

    /// <summary>Counts the next sample without comparing it, since its <paramref name="bin"/> is known from before: the same sample was drawn again.</summary>
    public void Repeat(int bin)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bin, _representatives.Count);
        ThrowUnlessReady();
        End(_left.Contains(bin) ? bin : NoBin);
    }

    internal TopTwo Counts => _counts;

    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(QueriesUsed);
        writer.Write7BitEncodedInt64(Samples);
        writer.Write7BitEncodedInt(_representatives.Count);
        for (var bin = 0; bin < _representatives.Count; bin++)
        {
            writer.Write7BitEncodedInt(_representatives[bin]);
            writer.Write7BitEncodedInt64(_counts.Counts[bin]);
        }

        // The order among level bins is what the counts do not tell.
        writer.Write7BitEncodedInt(_left.Count);
        foreach (var bin in _left)
        {
            writer.Write7BitEncodedInt(bin);
        }

        _elimination.Save(writer);
        writer.Write7BitEncodedInt(_sample + 1);
        writer.Write7BitEncodedInt(_position);
    }

    internal static PairModeEstimator Restore(BinaryReader reader, int labels, double delta, long maxQueries, string? rule, int queriesPerComparison)
    {
        var (queries, samples) = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        var representatives = new List<int>();
        var counts = new List<long>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            representatives.Add(reader.Read7BitEncodedInt());
            counts.Add(reader.Read7BitEncodedInt64());
        }

        var left = new List<int>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            left.Add(reader.Read7BitEncodedInt());
        }

        if (left.Exists(bin => (uint)bin >= (uint)representatives.Count))
        {
            throw new InvalidDataException("a bin that is left was never founded");
        }

        var estimator = new PairModeEstimator(
            labels, delta, maxQueries, rule, queriesPerComparison, TopTwo.Restore(counts, left.Count == 0 ? -1 : left[0]))
        {
            QueriesUsed = queries,
            Samples = samples,
        };
        estimator._representatives.AddRange(representatives);
        estimator._left.AddRange(left);
        estimator._elimination.Restore(reader);
        estimator._sample = reader.Read7BitEncodedInt() - 1;
        estimator._position = reader.Read7BitEncodedInt();
        return estimator._position < Math.Max(1, left.Count) ? estimator : throw new InvalidDataException("the sample under way was compared with every bin");
    }

    private void ThrowUnlessReady()
    {
        if (_sample != NoSample || IsDecided || IsSpent)
        {
            throw new InvalidOperationException(_sample != NoSample ? "a sample is under way: answer about it first" : "the estimate has ended");
        }
    }

    private void EndUnmatched()
    {
        if (!IsFounding)
        {
            End(NoBin);
            return;
        }

        _representatives.Add(_sample);
        _left.Add(_representatives.Count - 1);
        End(_representatives.Count - 1);
    }

    private void End(int bin)
    {
        _sample = NoSample;
        _position = 0;
        LastBin = bin;
        Samples++;
        if (bin != NoBin)
        {
            _counts.Add(bin);
            Raise(bin);
        }

        _elimination.Counted(bin);
        for (var at = _left.Count - 1; at > 0; at--)
        {
            if (_elimination.IsOut(_left[at]))
            {
                _left.RemoveAt(at);
            }
        }
    }

    /// <summary>Keeps <see cref="_left"/> in order; a bin stays behind those that had its new count before it.</summary>
    private void Raise(int bin)
    {
        var counts = _counts.Counts;
        var at = _left.IndexOf(bin);
        for (; at > 0 && counts[_left[at - 1]] < counts[bin]; at--)
        {
            _left[at] = _left[at - 1];
        }

        _left[at] = bin;
    }
}
