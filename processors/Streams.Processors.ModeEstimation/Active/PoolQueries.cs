using System.Globalization;

namespace Streams.Processors.ModeEstimation.Active;

/// <summary>
/// Which samples of a pool were asked about, what their labels are, and which draws may be counted.
/// </summary>
/// <remarks>
/// Labels are counted in the order of the draws 0, 1, 2, ..., never in the order in which answers arrive. Arrival order would void
/// the guarantee: where an oracle is slower on some labels (a fraud takes longer to confirm), the first answers in are a biased
/// selection, and the rule could stop on them. In draw order the k-th label counted is the label of draw k whatever the delays,
/// so the counted labels are independent and identically distributed; and the outcome does not depend on timing at all.
/// The price is that one slow answer holds back the later ones; they wait here, known and not counted.
/// <para>
/// A sample's label is a fixed fact, so it is asked for once: a draw that hits a known sample counts it at no cost, and one that
/// hits a sample in flight shares its answer. For the same reason a label that nobody asked for may be used when its draw comes:
/// the draws do not depend on who volunteered what.
/// </para>
/// </remarks>
internal sealed class PoolQueries
{
    private const int Pending = -1;
    private readonly DrawSequence _draws;
    private readonly int _pool;

    /// <summary>Label of each sample that was asked about or volunteered; <see cref="Pending"/> while in flight.</summary>
    private readonly Dictionary<int, int> _labels = [];

    /// <summary>Sample of each query. Queries are numbered in the order of the draws that needed them.</summary>
    private readonly List<int> _asked = [];

    /// <summary>Samples whose labels came unasked, in order of arrival.</summary>
    private readonly List<int> _volunteered = [];

    /// <summary>Next draw to look at for a query; draws before it are asked for, known or shared.</summary>
    private long _drawn;

    /// <summary>Queries whose first draw has been counted.</summary>
    private int _consumed;

    public PoolQueries(string task, int pool)
    {
        _draws = new DrawSequence(task, pool);
        _pool = pool;
    }

    public IReadOnlyList<int> Asked => _asked;

    /// <summary>Draws counted.</summary>
    public long Counted { get; private set; }

    /// <summary>Queries without an answer.</summary>
    public int Open { get; private set; }

    /// <summary>Samples whose label nobody gave or was asked for.</summary>
    public int Unasked => _pool - _labels.Count;

    /// <summary>Samples whose label is known, and how often each label is among them.</summary>
    public TopTwo Known { get; } = new();

    /// <summary>
    /// Whether the labels not known yet cannot change which label is the most frequent of the pool: then the mode is certain,
    /// by counting and not by statistics, in whatever order the answers came. Small pools end so.
    /// </summary>
    public bool IsCensusDecided => Known.First - Known.Second > _pool - Known.Total;

    /// <summary>Every sample is known. Draws could go on for ever then, when the pool itself is tied.</summary>
    public bool IsExhausted => Known.Total == _pool;

    /// <summary>The known label of <paramref name="sample"/>; null when it is not known.</summary>
    public int? LabelOf(int sample) => _labels.TryGetValue(sample, out var label) && label != Pending ? label : null;

    /// <summary>Takes the label of a sample that is not known yet.</summary>
    public void Learn(int sample, int label)
    {
        if (_labels.TryGetValue(sample, out var old) && old == Pending)
        {
            Open--;
        }
        else
        {
            _volunteered.Add(sample);
        }

        _labels[sample] = label;
        Known.Add(label);
    }

    /// <summary>Counts the next draw if its label is known.</summary>
    public bool TryCount(out int label)
    {
        var sample = _draws[Counted];
        if (!_labels.TryGetValue(sample, out label) || label == Pending)
        {
            return false;
        }

        if (_consumed < _asked.Count && _asked[_consumed] == sample)
        {
            _consumed++;
        }

        Counted++;
        _drawn = Math.Max(_drawn, Counted);
        return true;
    }

    /// <summary>Opens queries for the coming draws.</summary>
    /// <param name="open">Most queries to be open.</param>
    /// <param name="ahead">Most queries to be asked and not counted yet.</param>
    /// <param name="lastDraw">Draws from this one on are not asked for.</param>
    /// <returns>Numbers of the new queries.</returns>
    public IEnumerable<int> Ask(int open, int ahead, long lastDraw)
    {
        // The third condition ends the search where no sample is left to ask about.
        while (Open < open && _asked.Count - _consumed < ahead && _labels.Count < _pool && _drawn < lastDraw)
        {
            var sample = _draws[_drawn++];
            if (_labels.TryAdd(sample, Pending))
            {
                Open++;
                _asked.Add(sample);
                yield return _asked.Count - 1;
            }
        }
    }

    /// <summary>Numbers of the queries without an answer. O(asked): for the rare moment of asking again.</summary>
    public IEnumerable<int> Unanswered() => Open == 0 ? [] : Enumerable.Range(0, _asked.Count).Where(query => _labels[_asked[query]] == Pending);

    /// <summary>The sample's number in the pool.</summary>
    public bool TryParse(string sample, out int number) =>
        int.TryParse(sample, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < _pool;

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(Counted);
        writer.Write7BitEncodedInt64(_drawn);
        writer.Write7BitEncodedInt(_consumed);
        writer.Write7BitEncodedInt(_asked.Count);
        foreach (var sample in _asked)
        {
            writer.Write7BitEncodedInt(sample);
            writer.Write7BitEncodedInt(_labels[sample] + 1);
        }

        writer.Write7BitEncodedInt(_volunteered.Count);
        foreach (var sample in _volunteered)
        {
            writer.Write7BitEncodedInt(sample);
            writer.Write7BitEncodedInt(_labels[sample]);
        }

        // Which of several level labels was there first is the one thing that the labels themselves do not tell.
        writer.Write7BitEncodedInt(Known.Leader + 1);
    }

    public static PoolQueries Restore(BinaryReader reader, string task, int pool)
    {
        var queries = new PoolQueries(task, pool)
        {
            Counted = reader.Read7BitEncodedInt64(),
            _drawn = reader.Read7BitEncodedInt64(),
            _consumed = reader.Read7BitEncodedInt(),
        };
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var sample = reader.Read7BitEncodedInt();
            var label = reader.Read7BitEncodedInt() - 1;
            queries._asked.Add(sample);
            queries._labels.Add(sample, label);
            queries.Open += label == Pending ? 1 : 0;
        }

        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var sample = reader.Read7BitEncodedInt();
            queries._volunteered.Add(sample);
            queries._labels.Add(sample, reader.Read7BitEncodedInt());
        }

        var leader = reader.Read7BitEncodedInt() - 1;
        queries.CountKnown(leader);
        return queries;
    }

    private void CountKnown(int leader)
    {
        foreach (var label in _labels.Values)
        {
            if (label != Pending)
            {
                Known.Add(label);
            }
        }

        Known.BreakTie(leader);
    }
}
