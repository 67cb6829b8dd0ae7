namespace Streams.DevBroker.Log;

/// <summary>
/// The transactions of one partition: which are open, which were aborted. A fold over the batches of the log, kept in its
/// producer snapshots and replayed behind them. Guarded by the partition's lock.
/// </summary>
internal sealed class PartitionTransactions
{
    private const long NothingUnstable = long.MaxValue;
    private readonly Dictionary<long, long> _open = [];

    /// <summary>In the order of their markers.</summary>
    private readonly List<AbortedTransaction> _aborted = [];

    /// <summary>The first record of the oldest open transaction, beyond every offset when there is none.</summary>
    public long FirstUnstable { get; private set; } = NothingUnstable;

    /// <summary>The open transactions: the offset of the first record by producer id.</summary>
    public IReadOnlyDictionary<long, long> Open => _open;

    public IReadOnlyList<AbortedTransaction> Aborted => _aborted;

    public bool IsOpen(long producerId) => _open.Count > 0 && _open.ContainsKey(producerId);

    /// <summary>Notes a transactional batch that was written.</summary>
    public void Record(in RecordBatchHeader header)
    {
        if (_open.TryAdd(header.ProducerId, header.BaseOffset))
            FirstUnstable = Math.Min(FirstUnstable, header.BaseOffset);
    }

    /// <summary>Notes a marker that was written.</summary>
    public void RecordMarker(in RecordBatchHeader header, bool committed)
    {
        // A transaction that wrote nothing here has a marker all the same.
        if (!_open.Remove(header.ProducerId, out long first))
            return;
        FirstUnstable = _open.Count == 0 ? NothingUnstable : _open.Values.Min();
        if (!committed)
            _aborted.Add(new(header.ProducerId, first, header.LastOffset, Math.Min(FirstUnstable, header.LastOffset + 1)));
    }

    /// <summary>The aborted transactions that have records between two offsets, the second not included.</summary>
    public IReadOnlyList<AbortedTransaction> AbortedBetween(long from, long until)
    {
        int at = FirstEndingAtOrAfter(from);
        if (at == _aborted.Count)
            return [];
        var found = new List<AbortedTransaction>();
        for (; at < _aborted.Count; at++)
        {
            if (_aborted[at].FirstOffset < until)
                found.Add(_aborted[at]);
            // Whatever was aborted later began at or after this offset.
            if (_aborted[at].LastStableOffset >= until)
                break;
        }

        return found;
    }

    /// <summary>Forgets the aborted transactions that lie wholly before the start of the log.</summary>
    public void Trim(long logStart) => _aborted.RemoveRange(0, FirstEndingAtOrAfter(logStart));

    public void Restore(IEnumerable<KeyValuePair<long, long>> open, IEnumerable<AbortedTransaction> aborted)
    {
        foreach (var (producerId, first) in open)
            _open[producerId] = first;
        FirstUnstable = _open.Count == 0 ? NothingUnstable : _open.Values.Min();
        _aborted.AddRange(aborted);
    }

    private int FirstEndingAtOrAfter(long offset)
    {
        int low = 0, high = _aborted.Count;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (_aborted[middle].MarkerOffset < offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
