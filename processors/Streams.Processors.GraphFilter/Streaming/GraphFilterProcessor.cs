using System.Globalization;
using Streams.Processors.GraphFilter.Learning;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// Follows one sensor network: fills missing readings and learns the graph and filter. Rows are taken in event time; a row at or before
/// the newest one seen is late and left out, and a record of late rows only is refused.
/// </summary>
internal sealed class GraphFilterProcessor(string network, SensorNetwork state) : IRecordProcessor
{
    /// <summary>No sensor reads more in any unit; squares beyond it would overflow.</summary>
    private const double MaxMagnitude = 1e30;

    private const int FilterPoints = 64;

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

    public byte[] SaveState() => NetworkState.Save(state);

    private void Apply(InputRecord record, List<ResultDraft> results)
    {
        if (record.EventType != EventTypes.SensorSignal)
        {
            throw new RecordFormatException("ce_type", $"is '{record.EventType}'; send '{EventTypes.SensorSignal}' to {Topics.SensorSignals}");
        }

        var batch = SignalCodec.Decode(record.Payload, network);
        Check(batch);
        var order = Enumerable.Range(0, batch.Times.Count).OrderBy(row => batch.Times[row]).ToArray();
        var newest = EventTime.ToMicroseconds(batch.Times[order[^1]]);
        if (newest <= state.LastTime)
        {
            state.LateRows += order.Length;
            throw new RecordFormatException(
                "time",
                $"all {order.Length} rows are late: the newest is {Text(newest)} and {Text(state.LastTime)} was seen; send rows in order of event time");
        }

        var columns = state.Attend(batch.Sensors);
        var filled = new List<ImputedValue>();
        var graphs = new List<ResultDraft>();
        foreach (var row in order)
        {
            var time = EventTime.ToMicroseconds(batch.Times[row]);
            if (time <= state.LastTime)
            {
                state.LateRows++;
            }
            else if (state.Add(time, columns, batch.Row(row), filled) && LearningIsDue())
            {
                Learn(record, graphs);
            }
        }

        if (filled.Count > 0)
        {
            results.Add(Draft(record, Topics.SensorImputed, EventTypes.SensorImputed, newest, new ImputedReadings(network, batch.Units, filled)));
        }

        results.AddRange(graphs);
    }

    private void Check(SignalBatch batch)
    {
        var options = state.Options;
        if (batch.Sensors.Count > options.MaxSensors)
        {
            throw new RecordFormatException("sensors", $"{batch.Sensors.Count} sensors; at most {options.MaxSensors} are followed (option MaxSensors)");
        }

        if (batch.Times.Count > options.MaxRowsPerRecord)
        {
            throw new RecordFormatException("rows", $"{batch.Times.Count} rows; send at most {options.MaxRowsPerRecord} in a record (option MaxRowsPerRecord)");
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

    private bool LearningIsDue() => state.Rows >= state.Options.MinRows && (state.Rows - state.Options.MinRows) % state.Options.LearnEveryRows == 0;

    private void Learn(InputRecord record, List<ResultDraft> graphs)
    {
        var graph = NetworkLearner.Learn(state);
        if (graph is null || (state.RowsAtLastGraph >= 0 && state.Rows - state.RowsAtLastGraph < state.Options.UpdateEveryRows))
        {
            return;
        }

        state.RowsAtLastGraph = state.Rows;
        graphs.Add(Draft(record, Topics.SensorGraphs, EventTypes.SensorGraph, state.LastTime, Describe(graph)));
    }

    private LearnedGraph Describe(LearnedFilterGraph graph)
    {
        var edges = graph.Edges();
        var notes = graph.Notes.ToList();
        if (edges.Count > state.Options.MaxEdges)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the strongest {state.Options.MaxEdges} of {edges.Count} edges"));
        }

        return new LearnedGraph(
            network,
            EventTime.FromMicroseconds(state.OldestTime),
            EventTime.FromMicroseconds(state.LastTime),
            state.WindowCount,
            state.Model!.Sensors,
            [.. edges.Take(state.Options.MaxEdges).Select(edge => edge with { Weight = Numbers.Significant(edge.Weight, 4) })],
            Numbers.Significant(graph.Threshold),
            Thin(graph.Filter),
            Numbers.Significant(graph.Fit),
            notes);
    }

    /// <summary>Evenly chosen points of the response, first and last among them.</summary>
    private static FilterResponse Thin(FilterResponse full)
    {
        var count = Math.Min(full.Frequency.Count, FilterPoints);
        var chosen = Enumerable.Range(0, count).Select(i => count == 1 ? 0 : (int)((long)i * (full.Frequency.Count - 1) / (count - 1))).ToArray();
        return new FilterResponse(
            [.. chosen.Select(i => Numbers.Significant(full.Frequency[i]))],
            [.. chosen.Select(i => Numbers.Significant(full.Gain[i]))]);
    }

    private static ResultDraft Draft<T>(InputRecord record, string topic, string type, long time, T data) =>
        new(record.Partition, record.Offset, topic, type, EventTime.FromMicroseconds(time), ResultJson.Serialize(data));

    private static string Text(long microseconds) => EventTime.FromMicroseconds(microseconds).ToString("O", CultureInfo.InvariantCulture);
}
