using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.GraphFilter.Tests.Streaming;

/// <summary>Networks of more sensors than are followed whole.</summary>
public sealed class LargeNetworkTests
{
    private const int Size = 30;

    private static readonly string[] Names = Feed.Names(Size);

    private static readonly GraphFilterOptions InParts = Feed.Quick with { WholeSensors = 12, BlockSensors = 10, WindowRows = 120 };

    [Fact]
    public void ApplyAsync_MoreSensorsThanWhole_FillsNearlyAsWellAsTheWhole()
    {
        var rows = Feed.Drifting(200, Size, 0, 5);
        var shown = WithGaps(rows);
        var parts = Feed.Processor(InParts).Apply(Feed.Records(shown, Names));
        var whole = Feed.Processor(InParts with { WholeSensors = Size }).Apply(Feed.Records(shown, Names));
        Assert.InRange(Error(parts.Filled(), rows) / Error(whole.Filled(), rows), 0.8, 1.2);
        Assert.Equal(whole.Filled().Count, parts.Filled().Count);
        var covered = parts.Filled().Skip(1_000).Average(value => Math.Abs(value.Value - Truth(rows, value)) < 1.6449 * value.StandardDeviation ? 1.0 : 0);
        Assert.InRange(covered, 0.86, 0.94);
    }

    [Fact]
    public void ApplyAsync_MoreSensorsThanWhole_TellsTheGraphOfAll()
    {
        var graphs = Feed.Processor(InParts).Apply(Feed.Records(Feed.Drifting(240, Size, 0.1, 6), Names)).Graphs();
        var graph = graphs[^1];
        Assert.Equal(Names.Order(StringComparer.Ordinal), graph.Sensors.Order(StringComparer.Ordinal));
        Assert.Contains(graph.Notes, note => note.StartsWith("30 sensors in ", StringComparison.Ordinal));
        // A ring: neighbours, and those two apart, who share a third.
        Assert.InRange(graph.Edges.Count(edge => Apart(graph, edge) <= 2), 0.9 * graph.Edges.Count, graph.Edges.Count);
        Assert.InRange(graph.Edges.Count(edge => Apart(graph, edge) == 1), 0.7 * Size, Size);
    }

    [Fact]
    public void Create_StateInParts_GoesOnToTheByte()
    {
        var records = Feed.Records(Feed.Drifting(160, Size, 0.2, 7), Names);
        var straight = Feed.Processor(InParts);
        var restored = Feed.Processor(InParts);
        for (var i = 0; i < records.Count; i++)
        {
            var expected = straight.Apply(records[i]);
            if (i % 17 == 0)
            {
                restored = Feed.Processor(InParts, restored.SaveState());
            }

            Assert.Equal(expected.Filled(), restored.Apply(records[i]).Filled());
        }

        Assert.Equal(straight.SaveState(), restored.SaveState());
    }

    [Fact]
    public void ApplyAsync_NetworkGrowsAndShrinksAcrossTheLimit_GoesOn()
    {
        double[][] rows = Feed.Drifting(120, Size, 0.1, 8), truth = Feed.Drifting(120, Size, 0, 8);
        IRecordProcessor processor = Feed.Processor(InParts), whole = Feed.Processor(InParts with { WholeSensors = Size });
        int[] widths = [10, 20, Size, 15, 8];
        for (var part = 0; part < widths.Length; part++)
        {
            var width = widths[part];
            InputRecord[] records = [.. Enumerable.Range(24 * part, 24).Select(day => Feed.Record(day, Names[..width], [day], rows[day][..width]))];
            var output = processor.Apply(records);
            Assert.Empty(output.Rejections);
            Assert.Equal(rows[(24 * part)..(24 * (part + 1))].Sum(row => row[..width].Count(double.IsNaN)), output.Filled().Count);
            Assert.InRange(Error(output.Filled(), truth) / Error(whole.Apply(records).Filled(), truth), 0.7, 1.3);
        }
    }

    private static double[][] WithGaps(double[][] rows)
    {
        var random = new Random(1);
        return [.. rows.Select(row => row.Select(value => random.NextDouble() < 0.3 ? double.NaN : value).ToArray())];
    }

    private static double Error(IEnumerable<ImputedValue> filled, double[][] rows) =>
        Math.Sqrt(filled.Where(value => value.Time >= Feed.Day(5)).Average(value => Math.Pow(value.Value - Truth(rows, value), 2)));

    private static double Truth(double[][] rows, ImputedValue value) => rows[(value.Time - Feed.Start).Days][Place(value.Sensor)];

    private static int Place(string sensor) => int.Parse(sensor.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Steps along the ring between two sensors.</summary>
    private static int Apart(LearnedGraph graph, GraphEdge edge)
    {
        var steps = Math.Abs(Place(graph.Sensors[edge.From]) - Place(graph.Sensors[edge.To]));
        return Math.Min(steps, Size - steps);
    }
}
