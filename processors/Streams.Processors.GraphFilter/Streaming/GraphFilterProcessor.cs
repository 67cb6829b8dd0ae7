using System.Globalization;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// Follows one sensor network: fills missing readings and learns the graph and filter. Rows are taken in event time. Without an allowed lateness each
/// record is taken as it comes, and a row at or before the newest one seen is late; with one, rows wait for the watermark. A record of late rows only
/// is refused.
/// </summary>
internal sealed class GraphFilterProcessor(string network, SensorNetwork state, EventTimeOrder? order) : IRecordProcessor
{
    /// <summary>No sensor reads more in any unit; squares beyond it would overflow.</summary>
    private const double MaxMagnitude = 1e30;

    private readonly GraphFilterOptions _options = state.Options;
    private NetworkFollower _follower = new(network, state);

    /// <summary>Null: no row ever waited, and <see cref="_follower"/> has the state.</summary>
    private EventTimeOrder? _order = order;

    public ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken)
    {
        // Only before the first record: half a batch must not count.
        cancellationToken.ThrowIfCancellationRequested();
        var results = new List<ResultDraft>();
        var rejections = new List<Rejection>();
        foreach (var record in records)
        {
            try
            {
                Apply(record, results);
            }
            catch (RecordFormatException e)
            {
                rejections.Add(new Rejection(record.Partition, record.Offset, e.Message));
            }
        }

        return ValueTask.FromResult(new ProcessorOutput(results, rejections));
    }

    public byte[] SaveState() => NetworkState.Save(_order?.Current.State ?? _follower.State, _order);

    private void Apply(InputRecord record, List<ResultDraft> results)
    {
        if (record.EventType != EventTypes.SensorSignal)
        {
            throw new RecordFormatException("ce_type", $"is '{record.EventType}'; send '{EventTypes.SensorSignal}' to {Topics.SensorSignals}");
        }

        var batch = SignalCodec.Decode(record.Payload, network);
        Check(batch);
        if (batch.Renamed.Count > 0)
        {
            (_order?.Current.State ?? _follower.State).Rename(batch.Renamed);
            _order?.Settled?.State.Rename(batch.Renamed);
        }

        if (_options.AllowedLateness > TimeSpan.Zero)
        {
            _order ??= new EventTimeOrder(network, _follower.State);
            if (_order.Take(record, batch, results) == batch.Times.Count)
            {
                throw Late(batch, _order.Settled is null ? _order.Watermark.Watermark : _order.SettledTo, "was passed by the watermark");
            }

            return;
        }

        if (_order is not null)
        {
            // Rows that waited while there still was an allowed lateness.
            _order.Drain(record, results);
            (_follower, _order) = (_order.Current, null);
        }

        TakeAsItComes(record, batch, results);
    }

    private void TakeAsItComes(InputRecord record, SignalBatch batch, List<ResultDraft> results)
    {
        var current = _follower.State;
        var order = Enumerable.Range(0, batch.Times.Count).OrderBy(row => batch.Times[row]).ToArray();
        var newest = EventTime.ToMicroseconds(batch.Times[order[^1]]);
        if (newest <= current.LastTime)
        {
            current.LateRows += order.Length;
            throw Late(batch, current.LastTime, "was seen");
        }

        var columns = current.Attend(batch.Sensors);
        var filled = new List<ImputedValue>();
        var graphs = new List<LearnedGraph>();
        foreach (var row in order)
        {
            var time = EventTime.ToMicroseconds(batch.Times[row]);
            if (time <= current.LastTime)
            {
                current.LateRows++;
            }
            else
            {
                _follower.Move(time, columns, batch.Row(row), filled, graphs);
            }
        }

        if (filled.Count > 0)
        {
            var data = new ImputedReadings(network, batch.Units, filled);
            results.Add(ResultDrafts.Of(record, Topics.SensorImputed, EventTypes.SensorImputed, EventTime.FromMicroseconds(newest), data));
        }

        results.AddRange(graphs.Select(graph => ResultDrafts.Of(record, Topics.SensorGraphs, EventTypes.SensorGraph, graph.End, graph)));
    }

    private static RecordFormatException Late(SignalBatch batch, long than, string why) => new(
        "time",
        $"all {batch.Times.Count} rows are late: the newest is {Text(batch.Times.Max())} and {Text(EventTime.FromMicroseconds(than))} {why}; send rows in order of event time");

    private void Check(SignalBatch batch)
    {
        if (batch.Sensors.Count > _options.MaxSensors)
        {
            throw new RecordFormatException("sensors", $"{batch.Sensors.Count} sensors; at most {_options.MaxSensors} are followed (option MaxSensors)");
        }

        if (batch.Times.Count > _options.MaxRowsPerRecord)
        {
            throw new RecordFormatException("rows", $"{batch.Times.Count} rows; send at most {_options.MaxRowsPerRecord} in a record (option MaxRowsPerRecord)");
        }

        for (var i = 0; i < batch.Values.Length; i++)
        {
            if (Math.Abs(batch.Values[i]) > MaxMagnitude)
            {
                throw new RecordFormatException(
                    batch.Sensors[i % batch.Sensors.Count],
                    string.Create(CultureInfo.InvariantCulture, $"row {i / batch.Sensors.Count} is {batch.Values[i]}; no reading is beyond {MaxMagnitude}, a missing one is null or NaN"));
            }
        }
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
}
