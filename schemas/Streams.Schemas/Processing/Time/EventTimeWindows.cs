namespace Streams.Schemas.Processing.Time;

/// <summary>
/// Tumbling windows in event time. A record goes into the window of its own time; the window's result comes when the watermark reaches its end. A
/// record that comes after that makes a new version of the result while the window is kept, and is dropped and counted afterwards. Nothing depends on
/// a clock: the same records in the same order close the same windows.
/// </summary>
public sealed class EventTimeWindows<T>
{
    private const byte StateVersion = 1;

    private readonly EventTimeWindowOptions _options;
    private readonly IWindowValue<T> _values;

    /// <summary>By start: the value, and the version that was last given out; 0 while it is open.</summary>
    private readonly SortedList<long, (T Value, int Version)> _windows = [];

    private WatermarkTracker _tracker;

    /// <summary>Windows that end by then are gone, whether or not they could be corrected by their age.</summary>
    private long _gone = long.MinValue;

    /// <summary>Windows of which none has begun.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option that makes no sense; the message names it.</exception>
    public EventTimeWindows(EventTimeWindowOptions options, IWindowValue<T> values)
    {
        options.Check();
        (_options, _values) = (options, values);
        _tracker = new WatermarkTracker(options.Watermark);
    }

    /// <summary>See <see cref="WatermarkTracker.Watermark"/>.</summary>
    public long Watermark => _tracker.Watermark;

    /// <summary>Records that came too late for any window.</summary>
    public long Dropped { get; private set; }

    /// <summary>Windows held, open or correctable.</summary>
    public int Count => _windows.Count;

    /// <summary>Takes a record. Returns what it closed, oldest first, or the one window that it corrected.</summary>
    public IReadOnlyList<ClosedWindow<T>> Add(string source, long time, T value)
    {
        var results = new List<ClosedWindow<T>>();
        var start = Start(time);
        if (IsGone(start))
        {
            Dropped++;
        }
        else
        {
            var (sum, version) = _windows.TryGetValue(start, out var window) ? (_values.Merge(window.Value, value), window.Version) : (value, 0);
            version += IsClosed(start) ? 1 : 0;
            _windows[start] = (sum, version);
            if (version > 0)
            {
                results.Add(Result(start));
            }
        }

        _tracker.Observe(source, time);
        Close(results);
        return results;
    }

    /// <summary>Closes every window that ends by <paramref name="time"/>, as at the end of a bounded stream.</summary>
    public IReadOnlyList<ClosedWindow<T>> AdvanceTo(long time)
    {
        var results = new List<ClosedWindow<T>>();
        _tracker.AdvanceTo(time);
        Close(results);
        return results;
    }

    /// <summary>Writes the state: version, watermark, counters, windows by start.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(StateVersion);
        _tracker.Save(writer);
        writer.Write(Dropped);
        writer.Write(_gone);
        writer.Write7BitEncodedInt(_windows.Count);
        foreach (var (start, (value, version)) in _windows)
        {
            writer.Write(start);
            writer.Write7BitEncodedInt(version);
            _values.Write(writer, value);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote, under the same size of window.</summary>
    /// <exception cref="StateFormatException">Another version.</exception>
    /// <exception cref="FormatException">Damaged, or of windows of another size; what ends too soon is an <see cref="IOException"/>.</exception>
    public static EventTimeWindows<T> Load(BinaryReader reader, EventTimeWindowOptions options, IWindowValue<T> values)
    {
        var version = reader.ReadByte();
        if (version != StateVersion)
        {
            throw new StateFormatException($"the state of the windows has version {version}; this build reads version {StateVersion}; replay the topic to rebuild it");
        }

        var windows = new EventTimeWindows<T>(options, values)
        {
            _tracker = WatermarkTracker.Load(reader, options.Watermark),
            Dropped = reader.ReadInt64(),
            _gone = reader.ReadInt64(),
        };
        var count = reader.Read7BitEncodedInt();
        for (var i = 0; i < count; i++)
        {
            var start = reader.ReadInt64();
            var given = reader.Read7BitEncodedInt();
            if (windows.Start(start) != start || given < 0 || !windows._windows.TryAdd(start, (values.Read(reader), given)))
            {
                throw new FormatException($"no window of {options.Size} begins at {start}, or twice");
            }
        }

        return count >= 0 ? windows : throw new FormatException($"{count} windows");
    }

    private long Start(long time) => time - (((time % _options.Length) + _options.Length) % _options.Length);

    private bool IsClosed(long start) => start + _options.Length <= Watermark;

    private bool IsGone(long start)
    {
        var end = start + _options.Length;
        return end <= _gone || (IsClosed(start) && end <= Watermark - _options.Correctable);
    }

    private ClosedWindow<T> Result(long start)
    {
        var (value, version) = _windows[start];
        return new ClosedWindow<T>(start, start + _options.Length, value, version);
    }

    private void Close(List<ClosedWindow<T>> results)
    {
        if (_windows.Count > _options.MaxWindows)
        {
            // Somebody is far ahead or far behind: what is oldest cannot be waited for.
            _gone = _windows.Keys[_windows.Count - _options.MaxWindows - 1] + _options.Length;
            _tracker.AdvanceTo(_gone);
        }

        for (var i = 0; i < _windows.Count && IsClosed(_windows.Keys[i]); i++)
        {
            var start = _windows.Keys[i];
            if (_windows[start].Version == 0)
            {
                _windows[start] = (_windows[start].Value, 1);
                results.Add(Result(start));
            }
        }

        while (_windows.Count > 0 && IsGone(_windows.Keys[0]))
        {
            _windows.RemoveAt(0);
        }
    }
}
