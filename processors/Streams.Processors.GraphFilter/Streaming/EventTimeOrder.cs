using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Processing.Time;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// Puts the rows of several sources, late by no more than is allowed, into the order of their event time: they wait until the watermark has passed
/// them, rows of one time become one row, and what comes out does not depend on the order in which it came in. Under
/// <see cref="LatePolicy.Correct"/> a network that is further back is kept, with the rows since: a late row is put among them, the rows are taken
/// again, and each whose filled-in values changed is given out as a new version. So the newest versions are those of a run in order.
/// </summary>
internal sealed class EventTimeOrder
{
    private readonly string _network;
    private readonly GraphFilterOptions _options;

    /// <summary>Lists of sensors of the newest records, so that rows that wait share theirs. Nothing depends on it.</summary>
    private readonly Queue<IReadOnlyList<string>> _columns = new();

    /// <summary>For a network that has taken records as they came: all up to its newest row is past.</summary>
    public EventTimeOrder(string network, SensorNetwork current)
        : this(network, current, new WatermarkTracker(Watermarks(current.Options)))
    {
        if (current.LastTime != long.MinValue)
        {
            Watermark.AdvanceTo(current.LastTime + 1);
        }

        Begin();
    }

    private EventTimeOrder(string network, SensorNetwork current, WatermarkTracker watermark) =>
        (_network, _options, Current, Watermark) = (network, current.Options, new NetworkFollower(network, current), watermark);

    /// <summary>The network after every row that the watermark has passed.</summary>
    public NetworkFollower Current { get; private set; }

    public WatermarkTracker Watermark { get; }

    public ReorderBuffer Waiting { get; } = new();

    /// <summary>Under <see cref="LatePolicy.Correct"/>: the network before the rows that can be corrected. Null else.</summary>
    public NetworkFollower? Settled { get; private set; }

    /// <summary>The rows between <see cref="Settled"/> and <see cref="Current"/>.</summary>
    public ReorderBuffer Correctable { get; } = new();

    /// <summary>Rows before it are settled.</summary>
    public long SettledTo { get; private set; } = long.MinValue;

    /// <summary>End of the newest graph given out: a correction does not give it out again.</summary>
    public long GraphTime { get; private set; } = long.MinValue;

    public static WatermarkOptions Watermarks(GraphFilterOptions options) => new(options.AllowedLateness, options.IdleAfter);

    /// <summary>As saved, under the same options or others: without corrections until now, they begin at the watermark.</summary>
    public static EventTimeOrder Restore(
        string network, SensorNetwork current, WatermarkTracker watermark, IEnumerable<TimedRow> waiting, (SensorNetwork Network, IEnumerable<TimedRow> Rows)? settled, long settledTo, long graphTime)
    {
        var order = new EventTimeOrder(network, current, watermark) { GraphTime = graphTime };
        foreach (var row in waiting)
        {
            order.Waiting.Add(row);
        }

        if (settled is not { } kept || current.Options.LatePolicy != LatePolicy.Correct)
        {
            order.Begin();
            return order;
        }

        order.Settled = new NetworkFollower(network, kept.Network);
        order.SettledTo = settledTo;
        foreach (var row in kept.Rows)
        {
            order.Correctable.Add(row);
        }

        return order;
    }

    /// <summary>Takes the rows of a record; returns how many came too late to be used.</summary>
    public int Take(InputRecord record, SignalBatch batch, List<ResultDraft> results)
    {
        var sensors = Shared(batch.Sensors);
        var (late, corrected, newest) = (0, false, long.MinValue);
        for (var row = 0; row < batch.Times.Count; row++)
        {
            var time = EventTime.ToMicroseconds(batch.Times[row]);
            newest = Math.Max(newest, time);
            var part = new ReportedRow(record.Source, batch.Units, sensors, batch.Row(row).ToArray());
            if (!Watermark.IsLate(time))
            {
                Waiting.Add(time, part);
            }
            else if (Settled is not null && time >= SettledTo)
            {
                Correctable.Add(time, part);
                corrected = true;
            }
            else
            {
                late++;
            }
        }

        Current.State.LateRows += late;
        var graphs = new List<LearnedGraph>();
        if (corrected)
        {
            Correct(record, results, graphs);
        }

        Watermark.Observe(record.Source, newest);
        Watermark.AdvanceTo(Waiting.Excess(_options.MaxWaitingRows));
        Release(record, Watermark.Watermark, results, graphs);
        Settle();
        Add(record, graphs, results);
        return late;
    }

    /// <summary>Takes every row that waits, for one who will not wait any more.</summary>
    public void Drain(InputRecord record, List<ResultDraft> results)
    {
        var graphs = new List<LearnedGraph>();
        Release(record, long.MaxValue, results, graphs);
        Add(record, graphs, results);
    }

    private void Begin()
    {
        if (_options.LatePolicy == LatePolicy.Correct)
        {
            Settled = new NetworkFollower(_network, NetworkState.Copy(Current.State));
            SettledTo = Watermark.Watermark;
        }
    }

    private void Release(InputRecord record, long before, List<ResultDraft> results, List<LearnedGraph> graphs)
    {
        var released = Waiting.TakeBefore(before);
        foreach (var row in released)
        {
            var filled = new List<ImputedValue>();
            Current.Move(row, filled, graphs);
            (row.Filled, row.Version) = (filled, 1);
            if (Settled is not null)
            {
                Correctable.Add(row);
            }
        }

        Add(record, released, results);
    }

    private void Correct(InputRecord record, List<ResultDraft> results, List<LearnedGraph> graphs)
    {
        var late = Current.State.LateRows;
        Current = new NetworkFollower(_network, NetworkState.Copy(Settled!.State));
        Current.State.LateRows = late;
        var changed = new List<TimedRow>();
        foreach (var row in Correctable.Rows)
        {
            var filled = new List<ImputedValue>();
            Current.Move(row, filled, graphs);
            if (row.Version == 0 || !row.Filled.SequenceEqual(filled))
            {
                (row.Filled, row.Version) = (filled, row.Version + 1);
                changed.Add(row);
            }
        }

        Add(record, changed, results);
    }

    private void Settle()
    {
        if (Settled is null || Watermark.Watermark == long.MinValue)
        {
            return;
        }

        var correctable = Watermark.Watermark - (_options.AllowedLateness.Ticks / TimeSpan.TicksPerMicrosecond);
        SettledTo = Math.Max(SettledTo, Math.Max(correctable, Correctable.Excess(_options.MaxWaitingRows)));
        foreach (var row in Correctable.TakeBefore(SettledTo))
        {
            Settled.Move(row, [], []);
        }
    }

    private IReadOnlyList<string> Shared(IReadOnlyList<string> sensors)
    {
        const int Kept = 16;
        if (_columns.FirstOrDefault(known => known.SequenceEqual(sensors)) is { } same)
        {
            return same;
        }

        if (_columns.Count == Kept)
        {
            _columns.Dequeue();
        }

        _columns.Enqueue(sensors);
        return sensors;
    }

    /// <summary>One result for the rows of one version and unit; none where a row that is given out for the first time has no gap.</summary>
    private void Add(InputRecord record, List<TimedRow> rows, List<ResultDraft> results)
    {
        foreach (var group in rows.GroupBy(row => (row.Version, row.Units)))
        {
            var first = group.Key.Version == 1;
            ImputedValue[] values = [.. group.SelectMany(row => row.Filled)];
            if (values.Length > 0 || !first)
            {
                var data = new ImputedReadings(
                    _network, group.Key.Units, values, first ? null : group.Key.Version, first ? null : [.. group.Select(row => EventTime.FromMicroseconds(row.Time))]);
                results.Add(ResultDrafts.Of(record, Topics.SensorImputed, EventTypes.SensorImputed, EventTime.FromMicroseconds(group.Max(row => row.Time)), data));
            }
        }
    }

    private void Add(InputRecord record, List<LearnedGraph> graphs, List<ResultDraft> results)
    {
        foreach (var graph in graphs.Where(graph => EventTime.ToMicroseconds(graph.End) > GraphTime))
        {
            GraphTime = EventTime.ToMicroseconds(graph.End);
            results.Add(ResultDrafts.Of(record, Topics.SensorGraphs, EventTypes.SensorGraph, graph.End, graph));
        }
    }
}
