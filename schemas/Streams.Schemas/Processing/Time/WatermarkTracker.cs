namespace Streams.Schemas.Processing.Time;

/// <summary>
/// How far event time has come: everything before <see cref="Watermark"/> is taken to have arrived. The least over the sources that are active of
/// the newest event time each has sent, less the allowed lateness; it never goes back. No clock is looked at, so the same records in the same order
/// give the same watermarks, today and in a replay. (Watermarks and lateness: Akidau et al., "The Dataflow Model", VLDB 2015, sections 2.3 and 3.2.)
/// </summary>
/// <remarks>
/// <para><b>Idle sources.</b> A source that falls silent would hold the watermark for ever, so it stops counting once others have moved on by
/// <see cref="WatermarkOptions.IdleAfter"/> in event time without it. What counts as moving on are the steps that another source makes, not the
/// distance between the two: by distance one source whose clock is a year ahead would make all others idle and drag the watermark past what they
/// still send. Here it cannot. A step counts for at most half of IdleAfter, so no single record outruns anybody, and a source that goes on sending
/// newer records is active however far behind it is. Steps are counted in laps of half of IdleAfter; the source that first completes one begins the
/// next for all. A source not heard of for two whole laps is idle: when others have moved on by IdleAfter to one and a half of it (and a step).</para>
/// <para><b>Coming back.</b> A source is heard when it sends a record newer than its own newest that is not late. So the late records of a
/// source that works off a backlog neither hold the watermark nor make others idle; with its first record that is in time it counts again.</para>
/// <para><b>What cannot be told.</b> A source that is alone is believed whatever it says, and one that stays behind but goes on holds the rest:
/// from the records nobody can say which of two clocks is wrong. Whoever waits for the watermark must therefore bound what waits
/// (<see cref="AdvanceTo"/>).</para>
/// </remarks>
public sealed class WatermarkTracker
{
    private const byte Version = 1;

    /// <summary>Laps after which a source that was not heard of is idle: the rest of the one it was heard in, and two whole ones.</summary>
    private const long IdleLaps = 3;

    private readonly SortedDictionary<string, Source> _sources = new(StringComparer.Ordinal);
    private readonly WatermarkOptions _options;
    private long _lap;

    /// <summary>One that has seen nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option that makes no sense; the message names it.</exception>
    public WatermarkTracker(WatermarkOptions options)
    {
        options.Check();
        _options = options;
    }

    /// <summary>Event time in microseconds; a record before it is late. <see cref="long.MinValue"/> before the first record.</summary>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Sources that hold the watermark.</summary>
    public int ActiveSources => _sources.Values.Count(IsActive);

    /// <summary>Sources remembered, idle ones among them.</summary>
    public int Sources => _sources.Count;

    /// <summary>Whether a record of that event time comes too late.</summary>
    public bool IsLate(long time) => time < Watermark;

    /// <summary>Takes note of a record of <paramref name="source"/> whose newest event time is <paramref name="time"/>; the watermark after it.</summary>
    public long Observe(string source, long time)
    {
        var known = _sources.TryGetValue(source, out var state);
        if (!known)
        {
            MakeRoom();
            _sources.Add(source, state = new Source { Newest = time, Heard = _lap - IdleLaps });
        }

        if (known && time <= state!.Newest)
        {
            return Watermark;
        }

        var step = known ? Step(state!.Newest, time) : 0;
        state!.Newest = time;
        if (!IsLate(time))
        {
            state.Heard = _lap;
            Move(state, step);
            Advance();
        }

        return Watermark;
    }

    /// <summary>Moves the watermark to <paramref name="time"/> whatever the sources say, for one who cannot wait longer. Never back.</summary>
    public void AdvanceTo(long time) => Watermark = Math.Max(Watermark, time);

    /// <summary>Writes the state: version, watermark, lap, sources in the order of their names.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Version);
        writer.Write(Watermark);
        writer.Write(_lap);
        writer.Write7BitEncodedInt(_sources.Count);
        foreach (var (name, source) in _sources)
        {
            writer.Write(name);
            writer.Write(source.Newest);
            writer.Write(source.Heard);
            writer.Write(source.Pace);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote, under these options or others.</summary>
    /// <exception cref="StateFormatException">Another version.</exception>
    /// <exception cref="FormatException">Damaged; so is an <see cref="IOException"/>.</exception>
    public static WatermarkTracker Load(BinaryReader reader, WatermarkOptions options)
    {
        var version = reader.ReadByte();
        if (version != Version)
        {
            throw new StateFormatException($"the state of the watermark has version {version}; this build reads version {Version}; replay the topic to rebuild it");
        }

        var tracker = new WatermarkTracker(options) { Watermark = reader.ReadInt64(), _lap = reader.ReadInt64() };
        var count = reader.Read7BitEncodedInt();
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadString();
            var source = new Source { Newest = reader.ReadInt64(), Heard = reader.ReadInt64(), Pace = reader.ReadInt64() };
            if (!tracker._sources.TryAdd(name, source))
            {
                throw new FormatException($"the source '{name}' is there twice");
            }
        }

        return count >= 0 ? tracker : throw new FormatException($"{count} sources");
    }

    private bool IsActive(Source source) => _lap - source.Heard < IdleLaps;

    /// <summary>Event time between two records of a source, as far as it counts.</summary>
    private long Step(long from, long to) => from < to - _options.Lap ? _options.Lap : to - from;

    private void Move(Source source, long step)
    {
        source.Pace += step;
        if (source.Pace < _options.Lap)
        {
            return;
        }

        source.Heard = ++_lap;
        foreach (var any in _sources.Values)
        {
            any.Pace = 0;
        }
    }

    private void Advance()
    {
        var least = long.MaxValue;
        foreach (var source in _sources.Values)
        {
            if (IsActive(source))
            {
                least = Math.Min(least, source.Newest);
            }
        }

        AdvanceTo(least - _options.Lateness);
    }

    private void MakeRoom()
    {
        while (_sources.Count >= _options.MaxSources)
        {
            _sources.Remove(_sources.MinBy(pair => (pair.Value.Heard, pair.Value.Newest)).Key);
        }
    }

    private sealed class Source
    {
        /// <summary>Newest event time of it, late ones included.</summary>
        public long Newest { get; set; }

        /// <summary>The lap in which it was last heard.</summary>
        public long Heard { get; set; }

        /// <summary>How far it has come in this lap.</summary>
        public long Pace { get; set; }
    }
}
