namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>
/// Counts of an unbounded set of labels in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k
/// elements in data streams", ICDT 2005). A label without a counter takes over the smallest one, and inherits its count as what it may be wrong by. So
/// count - error &lt;= true count &lt;= count for a label with a counter, and true count &lt;= the smallest count for one without.
/// </summary>
/// <remarks>
/// A stopping rule whose evidence rises with the leader's count and falls with the rival's stays valid when it is given a lower bound for the leader
/// and an upper bound for every rival, as <see cref="Bounds"/> gives them. Kept as a min-heap by count (then by the order of
/// taking over, so that a replay does the same); O(log capacity) a label.
/// </remarks>
internal sealed class SpaceSaving<TLabel>
    where TLabel : notnull
{
    private readonly int _capacity;
    private readonly Dictionary<TLabel, int> _places = [];
    private readonly List<Counter> _heap = [];
    private long _order;

    /// <param name="capacity">Counters, at least 2. A label with more than 1/capacity of all occurrences always has one.</param>
    public SpaceSaving(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        _capacity = capacity;
    }

    /// <summary>Occurrences counted.</summary>
    public long Total { get; private set; }

    /// <summary>Labels with a counter.</summary>
    public int Labels => _heap.Count;

    /// <summary>What a label without a counter may have come at most.</summary>
    public long UnseenAtMost => IsExact ? 0 : _heap[0].Count;

    /// <summary>No counter was ever taken over: all counts are exact.</summary>
    public bool IsExact => _order == _heap.Count;

    /// <summary>Counts an occurrence.</summary>
    public void Add(TLabel label)
    {
        Total++;
        if (_places.TryGetValue(label, out var place))
        {
            _heap[place].Count++;
            SiftDown(place);
        }
        else if (_heap.Count < _capacity)
        {
            _heap.Add(new Counter(label, 1, 0, _order++));
            _places[label] = _heap.Count - 1;
            SiftUp(_heap.Count - 1);
        }
        else
        {
            var smallest = _heap[0];
            _places.Remove(smallest.Label);
            _heap[0] = new Counter(label, smallest.Count + 1, smallest.Count, _order++);
            _places[label] = 0;
            SiftDown(0);
        }
    }

    /// <summary>Between what a label's count lies.</summary>
    public (long AtLeast, long AtMost) CountOf(TLabel label) =>
        _places.TryGetValue(label, out var place) ? (_heap[place].Count - _heap[place].Error, _heap[place].Count) : (0, UnseenAtMost);

    /// <summary>
    /// As which one in the order of all counters ever started, from 1, that of <paramref name="label"/> was started; 0 without one. A label that lost its counter
    /// and came again has a later one.
    /// </summary>
    public long RankOf(TLabel label) => _places.TryGetValue(label, out var place) ? _heap[place].Order + 1 : 0;

    /// <summary>An upper bound of the count of every label but <paramref name="label"/>. O(capacity).</summary>
    public long RivalAtMost(TLabel label)
    {
        var own = _places.GetValueOrDefault(label, -1);
        var rival = UnseenAtMost;
        for (var place = 0; place < _heap.Count; place++)
        {
            rival = place == own ? rival : Math.Max(rival, _heap[place].Count);
        }

        return rival;
    }

    /// <summary>The label that has certainly come most often, with a lower bound of its count, and an upper bound of every other label's.</summary>
    public (TLabel? Leader, long LeaderAtLeast, long RivalAtMost) Bounds()
    {
        var leader = default(Counter);
        foreach (var counter in _heap)
        {
            if (leader is null || counter.Count - counter.Error > leader.Count - leader.Error
                || (counter.Count - counter.Error == leader.Count - leader.Error && counter.Order < leader.Order))
            {
                leader = counter;
            }
        }

        if (leader is null)
        {
            return (default, 0, 0);
        }

        return (leader.Label, leader.Count - leader.Error, RivalAtMost(leader.Label));
    }

    /// <summary>Labels with a counter and between what their counts lie, the largest upper bound first, then the oldest counter.</summary>
    public IEnumerable<(TLabel Label, long AtLeast, long AtMost)> Counted() =>
        _heap.OrderByDescending(counter => counter.Count).ThenBy(counter => counter.Order).Select(counter => (counter.Label, counter.Count - counter.Error, counter.Count));

    /// <summary>Writes all but the capacity.</summary>
    public void Save(BinaryWriter writer, Action<TLabel> writeLabel)
    {
        writer.Write7BitEncodedInt64(Total);
        writer.Write7BitEncodedInt64(_order);
        writer.Write7BitEncodedInt(_heap.Count);
        foreach (var counter in _heap)
        {
            writeLabel(counter.Label);
            writer.Write7BitEncodedInt64(counter.Count);
            writer.Write7BitEncodedInt64(counter.Error);
            writer.Write7BitEncodedInt64(counter.Order);
        }
    }

    /// <summary>Counters as saved, of the same capacity.</summary>
    /// <exception cref="InvalidDataException">They cannot be counters.</exception>
    public static SpaceSaving<TLabel> Restore(int capacity, BinaryReader reader, Func<TLabel> readLabel)
    {
        var counters = new SpaceSaving<TLabel>(capacity) { Total = reader.Read7BitEncodedInt64(), _order = reader.Read7BitEncodedInt64() };
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            var counter = new Counter(readLabel(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
            var at = counters._heap.Count;
            if (at == capacity || counter.Error < 0 || counter.Count <= counter.Error || counter.Order < 0 || counter.Order >= counters._order
                || (at > 0 && IsBefore(counter, counters._heap[(at - 1) / 2])) || !counters._places.TryAdd(counter.Label, at))
            {
                throw new InvalidDataException($"counter {at} of {capacity} is damaged: '{counter.Label}', {counter.Count} with an error of {counter.Error}");
            }

            counters._heap.Add(counter);
        }

        return counters;
    }

    private static bool IsBefore(Counter left, Counter right) => left.Count != right.Count ? left.Count < right.Count : left.Order < right.Order;

    private void SiftUp(int place)
    {
        while (place > 0 && IsBefore(_heap[place], _heap[(place - 1) / 2]))
        {
            Swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    private void SiftDown(int place)
    {
        while (true)
        {
            var least = place;
            for (var child = (2 * place) + 1; child <= (2 * place) + 2 && child < _heap.Count; child++)
            {
                least = IsBefore(_heap[child], _heap[least]) ? child : least;
            }

            if (least == place)
            {
                return;
            }

            Swap(place, least);
            place = least;
        }
    }

    private void Swap(int left, int right)
    {
        (_heap[left], _heap[right]) = (_heap[right], _heap[left]);
        _places[_heap[left].Label] = left;
        _places[_heap[right].Label] = right;
    }

    private sealed class Counter(TLabel label, long count, long error, long order)
    {
        public TLabel Label => label;

        public long Count { get; set; } = count;

        public long Error => error;

        public long Order => order;
    }
}
