using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.GraphFilter.Tests.Streaming;

public sealed class GraphFilterProcessorTests
{
    [Fact]
    public void ApplyAsync_RowsWithGaps_FillsEachOnceAndLearnsOnTime()
    {
        var rows = Feed.Drifting(60, 6, 0.15, 1);
        var output = Feed.Processor().Apply(Feed.Records(rows, Feed.Names(6), 3));
        Assert.Empty(output.Rejections);
        var filled = output.Filled();
        Assert.Equal(filled.Count, filled.DistinctBy(value => (value.Time, value.Sensor)).Count());
        Assert.All(filled, value => Assert.True(double.IsNaN(rows[(value.Time - Feed.Start).Days][int.Parse(value.Sensor[1..], System.Globalization.CultureInfo.InvariantCulture)])));
        Assert.All(filled, value => Assert.True(double.IsFinite(value.Value) && value.StandardDeviation > 0));
        // Everything but what was missing before its sensor or two others were ever read.
        Assert.InRange(filled.Count, rows.Sum(row => row.Count(double.IsNaN)) - 3, rows.Sum(row => row.Count(double.IsNaN)));
        // Learned at every row up to the twentieth, at every second up to the thirtieth, later at every fourth.
        Assert.Equal([11, 19, 27, 37, 40, 40], output.Graphs().Select(graph => graph.Samples));
    }

    [Fact]
    public void ApplyAsync_Graph_SaysWhatItRestsOn()
    {
        var output = Feed.Processor().Apply(Feed.Records(Feed.Drifting(60, 6, 0, 2), Feed.Names(6)));
        var graph = output.Graphs()[^1];
        var draft = output.Results.Last(result => result.Topic == Topics.SensorGraphs);
        Assert.Equal(Feed.Network, graph.Network);
        Assert.Equal(Feed.Names(6), graph.Sensors);
        Assert.Equal(draft.Time, graph.End);
        Assert.Equal(draft.Offset, (graph.End - Feed.Start).Days);
        Assert.Equal(graph.Samples - 1, (graph.End - graph.Start).Days);
        Assert.InRange(graph.Fit, 0, 1);
        Assert.NotEmpty(graph.Edges);
        Assert.All(graph.Edges, edge => Assert.InRange(edge.Weight, graph.Threshold - 1e-3, 1));
        Assert.Equal(EventTypes.SensorGraph, draft.Type);
    }

    [Fact]
    public void ApplyAsync_NoGaps_PublishesNoImputedReadings() =>
        Assert.Empty(Feed.Processor().Apply(Feed.Records(Feed.Drifting(9, 4, 0, 3), Feed.Names(4))).Results);

    [Fact]
    public void ApplyAsync_ResultsOfOneRecord_FilledFirstThenGraphs()
    {
        var output = Feed.Processor().Apply(Feed.Records(Feed.Drifting(30, 5, 0.1, 4), Feed.Names(5), 30));
        Assert.Equal([Topics.SensorImputed, Topics.SensorGraphs, Topics.SensorGraphs, Topics.SensorGraphs], output.Results.Select(draft => draft.Topic));
        Assert.All(output.Results, draft => Assert.Equal((0, 0L), (draft.Partition, draft.Offset)));
    }

    [Fact]
    public void ApplyAsync_BeforeAnythingIsLearned_IsLessCertain()
    {
        var rows = Feed.Drifting(120, 8, 0, 5);
        rows[5][3] = rows[110][3] = double.NaN;
        var filled = Feed.Processor().Apply(Feed.Records(rows, Feed.Names(8))).Filled();
        Assert.Equal(2, filled.Count);
        Assert.True(filled[0].StandardDeviation > filled[1].StandardDeviation);
    }

    [Fact]
    public void ApplyAsync_SensorNeverRead_TakesTheOthersMeanOnceThereAreTwo()
    {
        var output = Feed.Processor().Apply(
            Feed.Record(0, ["a", "b", "c"], [0], double.NaN, 4, double.NaN),
            Feed.Record(1, ["a", "b", "c"], [1], double.NaN, 4, 8));
        var filled = Assert.Single(output.Filled());
        Assert.Equal(("a", 6), (filled.Sensor, filled.Value));
        Assert.InRange(filled.StandardDeviation, 2.8, 5);
    }

    [Fact]
    public void ApplyAsync_LateRows_AreLeftOut()
    {
        var rows = Feed.Drifting(40, 4, 0.1, 6);
        var names = Feed.Names(4);
        var clean = Feed.Processor();
        var late = Feed.Processor();
        clean.Apply(Feed.Records(rows, names));
        late.Apply(Feed.Records(rows[..38], names));
        var output = late.Apply(Feed.Record(38, names, [39, 3, 38, 38], [.. rows[39], 99, 99, 99, 99, .. rows[38], 7, 7, 7, 7]));
        Assert.Empty(output.Rejections);
        // Apart from the count of late rows the two are in the same state: what they do next is the same.
        var next = Feed.Record(50, names, [50], 1, double.NaN, 3, double.NaN);
        Assert.Equal(clean.Apply(next).Results.Select(draft => draft.Data), late.Apply(next).Results.Select(draft => draft.Data));
    }

    [Fact]
    public void ApplyAsync_OnlyLateRows_RefusesTheRecord()
    {
        var processor = Feed.Processor();
        processor.Apply(Feed.Record(0, ["a"], [5], 1));
        var output = processor.Apply(Feed.Record(1, ["a"], [5], 1), Feed.Record(2, ["a"], [6], 2));
        var rejection = Assert.Single(output.Rejections);
        Assert.Equal(1, rejection.Offset);
        Assert.Contains("late", rejection.Reason, StringComparison.Ordinal);
        Assert.Contains("2020-01-06", rejection.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ApplyAsync_LateRows_AreCountedInTheNotes()
    {
        var rows = Feed.Drifting(20, 4, 0, 7);
        var processor = Feed.Processor();
        processor.Apply(Feed.Records(rows[..5], Feed.Names(4)));
        processor.Apply(Feed.Record(9, Feed.Names(4), [2], 1, 2, 3, 4));
        var output = processor.Apply([.. Feed.Records(rows, Feed.Names(4)).Skip(5)]);
        Assert.Contains(output.Graphs()[0].Notes, note => note.StartsWith("1 late", StringComparison.Ordinal));
    }

    [Fact]
    public void ApplyAsync_UnusableRecords_AreRefusedAndTheRestGoesOn()
    {
        var good = Feed.Record(5, ["a", "b"], [1], 1, 2);
        var output = Feed.Processor().Apply(
            good with { Offset = 1, EventType = EventTypes.LabelTask },
            good with { Offset = 2, Payload = new byte[100] },
            new GraphRecord("other").Of(3),
            Feed.Record(4, ["a", "b"], [1], 1, 1e31),
            good);
        Assert.Equal([1L, 2, 3, 4], output.Rejections.Select(rejection => rejection.Offset));
        Assert.Contains("ce_type", output.Rejections[0].Reason, StringComparison.Ordinal);
        Assert.Contains("arrow", output.Rejections[1].Reason, StringComparison.Ordinal);
        Assert.Contains("'other'", output.Rejections[2].Reason, StringComparison.Ordinal);
        Assert.Contains("b: row 0", output.Rejections[3].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ApplyAsync_MoreThanTheLimits_IsRefused()
    {
        var processor = Feed.Processor(Feed.Quick with { MaxSensors = 2, MaxRowsPerRecord = 1 });
        var output = processor.Apply(Feed.Record(0, ["a", "b", "c"], [0], 1, 2, 3), Feed.Record(1, ["a"], [0, 1], 1, 2));
        Assert.Contains("MaxSensors", output.Rejections[0].Reason, StringComparison.Ordinal);
        Assert.Contains("MaxRowsPerRecord", output.Rejections[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ApplyAsync_Cancelled_ThrowsBeforeAnyRecord()
    {
        var processor = Feed.Processor();
        var before = processor.SaveState();
        Assert.Throws<OperationCanceledException>(() => processor.ApplyAsync([Feed.Record(0, ["a"], [0], 1)], new CancellationToken(true)).AsTask().GetAwaiter().GetResult());
        Assert.Equal(before, processor.SaveState());
    }

    [Fact]
    public void ApplyAsync_MoreEdgesThanTheLimit_KeepsTheStrongestAndSaysSo()
    {
        var records = Feed.Records(Feed.Drifting(40, 8, 0, 8), Feed.Names(8));
        var all = Feed.Processor().Apply(records).Graphs()[^1];
        var some = Feed.Processor(Feed.Quick with { MaxEdges = 2 }).Apply(records).Graphs()[^1];
        Assert.Equal(all.Edges.Take(2), some.Edges);
        Assert.Contains(some.Notes, note => note.Contains($"of {all.Edges.Count} edges", StringComparison.Ordinal));
    }

    private sealed record GraphRecord(string Network)
    {
        public InputRecord Of(long offset) => new(0, offset, Feed.Start, EventTypes.SensorSignal, Schemas.Signals.SignalCodec.Encode(
            new Schemas.Signals.SignalBatch(Network, null, ["a"], [Feed.Start], [1])));
    }
}
