namespace Streams.Dashboard.Live;

/// <summary>
/// The newest entries of a run's log in memory, shared by all readers: each reader has only a position in it, so a slow one costs nothing
/// and holds up no one; when it is behind the tail it reads from Redis by itself. Written by the feed's one loop, read by all requests.
/// </summary>
internal sealed class LiveTail
{
    private const int MaxEntries = 1_024;
    private const int MaxBytes = 8 << 20;

    private readonly Lock _gate = new();
    private readonly List<LiveEntry> _entries = [];
    private int _bytes;
    private int _epoch;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Last entry, or null when the log is empty.</summary>
    public LiveEntry? Last
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count == 0 ? null : _entries[^1];
            }
        }
    }

    /// <summary>Adds the entry that follows the last one.</summary>
    public void Append(LiveEntry entry)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _entries.Add(entry);
            _bytes += entry.Json.Length;
            var drop = 0;
            while (_entries.Count - drop > MaxEntries || (_bytes > MaxBytes && _entries.Count - drop > 1))
            {
                _bytes -= _entries[drop++].Json.Length;
            }

            // In lumps: removing from the front of a list moves the rest.
            _entries.RemoveRange(0, drop);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    /// <summary>The log was begun anew, or a part of it was missed: every reader starts at <paramref name="last"/>.</summary>
    public void Reset(LiveEntry? last)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _epoch++;
            _entries.Clear();
            _bytes = 0;
            if (last is not null)
            {
                _entries.Add(last);
                _bytes = last.Json.Length;
            }

            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    /// <summary>What there is after <paramref name="after"/>.</summary>
    public View Read(long after)
    {
        lock (_gate)
        {
            var last = _entries.Count == 0 ? null : _entries[^1];
            if (last is null || after >= last.Sequence)
            {
                return new View(_epoch, last, [], Behind: false, _changed.Task);
            }

            var first = _entries[0].Sequence;
            return after + 1 < first
                ? new View(_epoch, last, [], Behind: true, _changed.Task)
                : new View(_epoch, last, _entries[(int)(after + 1 - first)..], Behind: false, _changed.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A look at the tail.</summary>
    /// <param name="Epoch">Another number than before: the reader's position means nothing any more.</param>
    /// <param name="Last">Last entry of the log.</param>
    /// <param name="Entries">The entries asked for.</param>
    /// <param name="Behind">They are older than the tail; read them from Redis.</param>
    /// <param name="Changed">Completes with the next change.</param>
    internal readonly record struct View(int Epoch, LiveEntry? Last, IReadOnlyList<LiveEntry> Entries, bool Behind, Task Changed);
}
