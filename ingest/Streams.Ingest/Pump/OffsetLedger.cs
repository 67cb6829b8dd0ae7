namespace Streams.Ingest.Pump;

/// <summary>
/// Which records of one partition are done, and so up to where everything is done: the watermark. Offsets may have gaps
/// (compacted or control records) but ascend. Every operation is O(1) amortised. Safe to use from several threads.
/// </summary>
internal sealed class OffsetLedger
{
    private readonly Lock _gate = new();

    // Tracked offsets in order, from the first that is not done. Those done further back are no longer in _open.
    private readonly Queue<(long Offset, DateTimeOffset Published)> _order = new();
    private readonly HashSet<long> _open = [];

    // One past the highest offset seen, or further where the reader knows that nothing is in between.
    private long _position;

    /// <param name="start">First offset that is not done.</param>
    public OffsetLedger(long start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        _position = start;
    }

    /// <summary>Everything below is done.</summary>
    public long Watermark
    {
        get
        {
            lock (_gate)
            {
                return _order.TryPeek(out var first) ? first.Offset : _position;
            }
        }
    }

    /// <summary>When the first record that is not done was published; null when all that was seen is done.</summary>
    public DateTimeOffset? Oldest
    {
        get
        {
            lock (_gate)
            {
                return _order.TryPeek(out var first) ? first.Published : null;
            }
        }
    }

    /// <summary>One past the highest offset seen.</summary>
    public long Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>Records that are not done.</summary>
    public int Outstanding
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Takes charge of <paramref name="offset"/>; what lies between it and the one before does not exist.</summary>
    /// <exception cref="InvalidOperationException">Not above all offsets seen.</exception>
    public void Track(long offset, DateTimeOffset published = default)
    {
        lock (_gate)
        {
            if (offset < _position)
            {
                throw new InvalidOperationException($"offset {offset} came after {_position - 1}; a partition's offsets must ascend");
            }

            _order.Enqueue((offset, published));
            _open.Add(offset);
            _position = offset + 1;
        }
    }

    /// <summary>Nothing that is not tracked exists below <paramref name="position"/>. A lower position than known changes nothing.</summary>
    public void SkipTo(long position)
    {
        lock (_gate)
        {
            _position = Math.Max(_position, position);
        }
    }

    /// <summary>Marks <paramref name="offset"/> done.</summary>
    /// <exception cref="InvalidOperationException">Never tracked, or done before.</exception>
    public void Complete(long offset) => Complete([offset]);

    /// <summary>Marks <paramref name="offsets"/> done.</summary>
    /// <exception cref="InvalidOperationException">One was never tracked, or done before.</exception>
    public void Complete(IReadOnlyList<long> offsets)
    {
        lock (_gate)
        {
            foreach (var offset in offsets)
            {
                if (!_open.Remove(offset))
                {
                    throw new InvalidOperationException($"offset {offset} is not outstanding; it was never tracked or is done already");
                }
            }

            while (_order.TryPeek(out var first) && !_open.Contains(first.Offset))
            {
                _order.Dequeue();
            }
        }
    }
}
