using System.Globalization;
using Streams.Processors.GraphFilter.Learning;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Moves a network on row by row, learns when a step is due and says what was learned when a graph is.</summary>
internal sealed class NetworkFollower(string network, SensorNetwork state)
{
    private const int FilterPoints = 64;

    public SensorNetwork State => state;

    /// <summary>Takes a row of its own columns.</summary>
    public void Move(TimedRow row, List<ImputedValue> filled, List<LearnedGraph> graphs)
    {
        var (sensors, values) = row.Merge();
        Move(row.Time, state.Attend(sensors), values, filled, graphs);
    }

    /// <summary>Takes a row of the columns attended to.</summary>
    public void Move(long time, SensorTrack[] columns, ReadOnlySpan<double> row, List<ImputedValue> filled, List<LearnedGraph> graphs)
    {
        if (state.Add(time, columns, row, filled) && LearningIsDue())
        {
            Learn(graphs);
        }
    }

    private bool LearningIsDue() => state.Rows >= state.Options.MinRows && (state.Rows - state.Options.MinRows) % state.Options.LearnEveryRows == 0;

    private void Learn(List<LearnedGraph> graphs)
    {
        var graph = NetworkLearner.Learn(state);
        if (graph is null || (state.RowsAtLastGraph >= 0 && state.Rows - state.RowsAtLastGraph < state.Options.UpdateEveryRows))
        {
            return;
        }

        state.RowsAtLastGraph = state.Rows;
        graphs.Add(Describe(graph));
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
}
