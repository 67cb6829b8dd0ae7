using Streams.Schemas.Results;

namespace Streams.Dashboard.Live;

/// <summary>
/// The newest entries of a run's log in memory, shared by all readers: each reader has only a position in it, so a slow one costs nothing
/// and holds up no one; when it is behind the tail it reads from Redis by itself. Who waits is woken by what it wants and by nothing else: of a
/// thousand readers that follow a camera each, an entry wakes a few. Written by the feed's one loop, read by all requests.
/// </summary>
internal sealed class LiveTail
{
    private const int MaxEntries = 1_024;
    private const int MaxBytes = 8 << 20;

    private readonly Lock _gate = new();
    private readonly List<LiveEntry> _entries = [];
    private int _bytes;
    private int _epoch;

    // Each knows its own place, so that leaving costs the same however many there are.
    private readonly List<LiveWait> _waiting = [];

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
        List<LiveWait> woken = [];
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
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                var wait = _waiting[i];
                if (wait.Wants(entry.Result))
                {
                    Remove(wait);
                    woken.Add(wait);
                }
                else
                {
                    wait.Passed = entry;
                }
            }
        }

        woken.ForEach(wait => wait.End());
    }

    /// <summary>The log was begun anew, or a part of it was missed: every reader starts at <paramref name="last"/>.</summary>
    public void Reset(LiveEntry? last)
    {
        List<LiveWait> woken;
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

            woken = [.. _waiting];
            woken.ForEach(Remove);
        }

        woken.ForEach(wait => wait.End());
    }

    /// <summary>What there is after <paramref name="after"/>.</summary>
    public View Read(long after)
    {
        lock (_gate)
        {
            var last = _entries.Count == 0 ? null : _entries[^1];
            if (last is null || after >= last.Sequence)
            {
                return new View(_epoch, last, [], Behind: false);
            }

            var first = _entries[0].Sequence;
            return after + 1 < first
                ? new View(_epoch, last, [], Behind: true)
                : new View(_epoch, last, _entries[(int)(after + 1 - first)..], Behind: false);
        }
    }

    /// <summary>
    /// A wait, of a reader that has seen all up to <paramref name="after"/> in <paramref name="epoch"/>, for an entry that it wants. Ends with
    /// <see cref="Leave"/>.
    /// </summary>
    public LiveWait Wait(long after, int epoch, Func<ResultRecord, bool> wanted)
    {
        var wait = new LiveWait(wanted);
        lock (_gate)
        {
            if (epoch == _epoch && (_entries.Count == 0 || _entries[^1].Sequence <= after))
            {
                wait.Place = _waiting.Count;
                _waiting.Add(wait);
                return wait;
            }
        }

        // It came in between.
        wait.End();
        return wait;
    }

    /// <summary>Ends a wait, over or not. Returns the last entry that came meanwhile and was not wanted; null when there was none.</summary>
    public LiveEntry? Leave(LiveWait wait)
    {
        lock (_gate)
        {
            if (wait.Place >= 0)
            {
                Remove(wait);
            }

            return wait.Passed;
        }
    }

    private void Remove(LiveWait wait)
    {
        var last = _waiting[^1];
        (_waiting[wait.Place], last.Place) = (last, wait.Place);
        _waiting.RemoveAt(_waiting.Count - 1);
        wait.Place = -1;
    }

    /// <summary>A look at the tail.</summary>
    /// <param name="Epoch">Another number than before: the reader's position means nothing any more.</param>
    /// <param name="Last">Last entry of the log.</param>
    /// <param name="Entries">The entries asked for.</param>
    /// <param name="Behind">They are older than the tail; read them from Redis.</param>
    internal readonly record struct View(int Epoch, LiveEntry? Last, IReadOnlyList<LiveEntry> Entries, bool Behind);
}
