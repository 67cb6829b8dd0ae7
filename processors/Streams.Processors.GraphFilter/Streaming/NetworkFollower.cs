using System.Globalization;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.Online;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Moves a network on row by row and says what was learned when a graph is due.</summary>
internal sealed class NetworkFollower(string network, SensorNetwork state)
{
    private const int FilterPoints = 64;
    private const int NamesInNote = 8;

    public SensorNetwork State => state;

    /// <summary>Takes a row of its own columns.</summary>
    public void Move(TimedRow row, List<ImputedValue> filled, List<LearnedGraph> graphs)
    {
        var (sensors, values) = row.Merge(state.Renamed);
        Move(row.Time, state.Attend(sensors), values, filled, graphs);
    }

    /// <summary>Takes a row of the columns attended to.</summary>
    public void Move(long time, SensorTrack[] columns, ReadOnlySpan<double> row, List<ImputedValue> filled, List<LearnedGraph> graphs)
    {
        if (state.Add(time, columns, row, filled) && state.HasLearned && GraphIsDue() && Describe() is { } graph)
        {
            state.RowsAtLastGraph = state.Rows;
            state.PublishedEdges = state.Filter!.EdgePairs();
            state.Alarms.Clear();
            graphs.Add(graph);
        }
    }

    private bool GraphIsDue() =>
        state.RowsAtLastGraph < 0 || state.Alarms.Count > 0 || state.Rows - state.RowsAtLastGraph >= state.Options.UpdateEveryRows || HasChanged();

    private bool HasChanged() =>
        state.Options.ChangeTolerance < 1 && state.PublishedEdges is { } published && PublishedEdges.Distance(published, state.Filter!.EdgePairs()) > state.Options.ChangeTolerance;

    /// <summary>Null: fewer than two sensors can be told of.</summary>
    private LearnedGraph? Describe()
    {
        var notes = new List<string>();
        var shown = Shown(notes);
        if (shown.Count(place => place >= 0) < 2)
        {
            return null;
        }

        var graph = state.Filter!.Describe([.. state.Members.Select(track => track.Name)]);
        List<GraphEdge> edges =
        [
            .. graph.Edges.Zip(graph.Stability)
                .Where(pair => shown[pair.First.From] >= 0 && shown[pair.First.To] >= 0)
                .Select(pair => new GraphEdge(
                    shown[pair.First.From], shown[pair.First.To], Numbers.Significant(pair.First.Weight, 4), Numbers.Significant(pair.Second, 3))),
        ];
        notes.AddRange(graph.Notes);
        Explain(notes, edges.Count);
        return new LearnedGraph(
            network,
            EventTime.FromMicroseconds(state.OldestTime),
            EventTime.FromMicroseconds(state.LastTime),
            state.WindowCount,
            [.. state.Members.Where((_, i) => shown[i] >= 0).Select(track => track.Name)],
            [.. edges.Take(state.Options.MaxEdges)],
            Numbers.Significant(graph.Threshold),
            Thin(graph.Filter),
            Numbers.Significant(graph.Fit),
            notes,
            graph.Sign.ToString(),
            Numbers.Significant(graph.EffectiveMemory, 4),
            state.Alarms.Count == 0 ? null : [.. state.Alarms]);
    }

    /// <summary>For each of the filter's sensors its number in the graph, or -1.</summary>
    private int[] Shown(List<string> notes)
    {
        var needed = Math.Max(2, state.Options.MinRows / 2);
        Note(notes, state.Tracks.Where(track => track.Present && track.Readings < needed), "too few readings");
        Note(notes, state.Tracks.Where(track => track.Present && track.Readings >= needed && !state.Members.Contains(track)), "constant readings");
        var count = 0;
        return [.. state.Members.Select(track => track.Present && track.Readings >= needed ? count++ : -1)];
    }

    private static void Note(List<string> notes, IEnumerable<SensorTrack> tracks, string why)
    {
        var names = tracks.Select(track => track.Name).Order(StringComparer.Ordinal).ToArray();
        if (names.Length > 0)
        {
            var more = names.Length > NamesInNote ? string.Create(CultureInfo.InvariantCulture, $" and {names.Length - NamesInNote} more") : "";
            notes.Add($"left out for {why}: {string.Join(", ", names.Take(NamesInNote))}{more}");
        }
    }

    private void Explain(List<string> notes, int edges)
    {
        var options = state.Options;
        if (options.Sign != FilterSign.Auto)
        {
            notes.Add($"the sign ({options.Sign}) was declared");
        }

        if (edges > options.MaxEdges)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the strongest {options.MaxEdges} of {edges} edges"));
        }

        if (state.LateRows > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{state.LateRows} late rows left out since the start"));
        }

        foreach (var alarm in state.Alarms)
        {
            var done = options.OnDrift switch
            {
                AlarmResponse.Reset => "the covariance of the last rows took over",
                AlarmResponse.FasterForgetting => "the past is forgotten faster for a while",
                _ => "nothing was done about it",
            };
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the network changed before {alarm.Time.UtcDateTime:s}Z (statistic {alarm.Statistic}): {done}"));
        }
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
