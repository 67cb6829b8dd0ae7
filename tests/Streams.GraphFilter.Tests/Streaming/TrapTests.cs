using Streams.Processors.GraphFilter.Learning;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.GraphFilter.Tests.Streaming;

/// <summary>What real networks send: none of it may stop a network or make a result that is no number.</summary>
public sealed class TrapTests
{
    private static readonly string[] Names = Feed.Names(5);

    [Theory]
    [InlineData(1e-9, 0)]
    [InlineData(1e9, 0)]
    [InlineData(1, 1e7)]
    [InlineData(1e-3, -273.15)]
    public void ApplyAsync_RescaledAndOffsetReadings_GivesRescaledAndOffsetValues(double scale, double offset)
    {
        var rows = Feed.Drifting(50, 5, 0.2, 1);
        var plain = Feed.Processor().Apply(Feed.Records(rows, Names));
        var other = Feed.Processor().Apply(Feed.Records([.. rows.Select(row => row.Select(value => (scale * value) + offset).ToArray())], Names));
        Assert.Equal(plain.Filled().Count, other.Filled().Count);
        Assert.All(plain.Filled().Zip(other.Filled()), pair =>
        {
            var slack = (0.02 * scale * pair.First.StandardDeviation) + (1e-6 * Math.Abs(pair.Second.Value));
            Assert.Equal((scale * pair.First.Value) + offset, pair.Second.Value, slack);
            Assert.Equal(scale * pair.First.StandardDeviation, pair.Second.StandardDeviation, slack);
        });
        Assert.Equal(plain.Graphs()[^1].Edges.Select(edge => (edge.From, edge.To)).Order(), other.Graphs()[^1].Edges.Select(edge => (edge.From, edge.To)).Order());
    }

    [Fact]
    public void ApplyAsync_InfiniteReading_IsRefusedByName()
    {
        var record = Feed.Record(0, Names, [0], 1, 2, 3, 4, 5.5);
        var bytes = record.Payload.ToArray();
        var at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(5.5));
        BitConverter.GetBytes(double.PositiveInfinity).CopyTo(bytes, at);
        var refused = Assert.Single(Feed.Processor().Apply(record with { Payload = bytes }).Rejections);
        Assert.Contains("s4", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("infinite", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ApplyAsync_NaNAndNull_AreTheSameGap()
    {
        var rows = Feed.Drifting(20, 5, 0.3, 2);
        Assert.All(Feed.Processor().Apply(Feed.Records(rows, Names)).Filled(), value => Assert.True(double.IsFinite(value.Value)));
    }

    [Fact]
    public void ApplyAsync_DuplicateSensors_FillEachOtherAndStayFinite()
    {
        var rows = Feed.Drifting(80, 3, 0, 3).Select(row => new[] { row[0], row[0], row[1], row[2], row[2] }).ToArray();
        var (truth, spread) = (rows[70][1], rows.Select(row => row[1]).Max() - rows.Select(row => row[1]).Min());
        rows[70][1] = double.NaN;
        var output = Feed.Processor().Apply(Feed.Records(rows, Names));
        Assert.Equal(truth, Assert.Single(output.Filled()).Value, 0.1 * spread);
        Assert.All(output.Graphs(), graph => Assert.True(double.IsFinite(graph.Fit)));
    }

    [Fact]
    public void ApplyAsync_DuplicatedTimestampsInOneRecord_CountOnce()
    {
        var rows = Feed.Drifting(20, 5, 0, 4);
        var once = Feed.Processor();
        var twice = Feed.Processor();
        once.Apply(Feed.Records(rows, Names));
        twice.Apply([.. rows.Select((row, day) => Feed.Record(day, Names, [day, day], [.. row, .. row]))]);
        var next = Feed.Record(20, Names, [20], 1, double.NaN, 3, 4, double.NaN);
        Assert.Equal(once.Apply(next).Filled(), twice.Apply(next).Filled());
    }

    [Fact]
    public void ApplyAsync_TwoSamplesOnly_FillsWhatItCan()
    {
        var filled = Feed.Processor().Apply(Feed.Record(0, Names, [0], 1, 2, 3, 4, 5), Feed.Record(1, Names, [1], 2, 3, 4, 5, double.NaN)).Filled();
        Assert.Equal(6, Assert.Single(filled).Value, 1.1);
    }

    [Fact]
    public void ApplyAsync_OneSensor_FollowsItThroughAGap()
    {
        var rows = Enumerable.Range(0, 60).Select(day => new[] { 20 + Math.Sin(day / 5.0) }).ToArray();
        var truth = rows[50][0];
        rows[50][0] = double.NaN;
        var output = Feed.Processor().Apply(Feed.Records(rows, ["alone"]));
        Assert.Equal(truth, Assert.Single(output.Filled()).Value, 0.5);
        Assert.Empty(output.Graphs());
    }

    [Fact]
    public void ApplyAsync_CentredAcrossSensorsWithADeclaredSign_SaysSo()
    {
        var rows = Feed.Drifting(60, 5, 0, 5).Select(row => row.Select(value => value - row.Average()).ToArray()).ToArray();
        var graph = Feed.Processor(Feed.Quick with { Sign = FilterSign.LowPass }).Apply(Feed.Records(rows, Names)).Graphs()[^1];
        Assert.Equal("LowPass", graph.Sign);
        Assert.Contains(graph.Notes, note => note.Contains("declared", StringComparison.Ordinal));
    }

    [Fact]
    public void ApplyAsync_GapInTime_IsLessCertainThanAUsualStep()
    {
        double Deviation(int pause)
        {
            var random = new Random(6);
            var values = new double[5];
            var rows = Enumerable.Range(0, 80).Select(_ => values = [.. values.Select(value => (0.97 * value) + Synthetic.Normal(random))]).ToArray();
            var processor = Feed.Processor();
            processor.Apply(Feed.Records(rows, Names));
            return processor.Apply(Feed.Record(80, Names, [80 + pause], double.NaN, double.NaN, double.NaN, double.NaN, rows[79][4])).Filled()[0].StandardDeviation;
        }

        Assert.InRange(Deviation(10) / Deviation(0), 1.3, 4);
    }

    [Fact]
    public void ApplyAsync_RenamedSensor_GoesOnUnderItsNewName()
    {
        var rows = Feed.Drifting(60, 5, 0.1, 7);
        var expected = Feed.Processor().Apply(Feed.Records(rows, Names)).Filled();
        string[] after = ["s0", "s1", "roof", "s3", "s4"];
        var told = new Dictionary<string, string> { ["s2"] = "roof" };
        var processor = Feed.Processor();
        var output = new List<ImputedValue>(processor.Apply(Feed.Records(rows[..30], Names)).Filled());
        var saved = Feed.Processor(state: processor.SaveState());
        var renamed = saved.Apply([.. Enumerable.Range(30, 30).Select(day => new InputRecord(0, day, Feed.Day(day), EventTypes.SensorSignal, SignalCodec.Encode(
            new SignalBatch(Feed.Network, "degC", after, [Feed.Day(day)], rows[day], renamed: told), SignalPrecision.Double)))]);
        output.AddRange(renamed.Filled());
        Assert.Equal(expected.Select(value => (value.Time, value.Value)), output.Select(value => (value.Time, value.Value)));
        Assert.Contains("roof", renamed.Graphs()[^1].Sensors);
        Assert.DoesNotContain("s2", renamed.Graphs()[^1].Sensors);

        // A producer that was not told yet still means the same sensor.
        double[] old = [1, 2, double.NaN, 3, 4];
        Assert.Equal("roof", Assert.Single(saved.Apply(Feed.Record(60, Names, [60], old)).Filled()).Sensor);
    }

    [Fact]
    public void ApplyAsync_Graph_HasStabilityMemoryAndSign()
    {
        var graph = Feed.Processor().Apply(Feed.Records(Feed.Drifting(60, 6, 0, 8), Feed.Names(6))).Graphs()[^1];
        Assert.All(graph.Edges, edge => Assert.InRange(edge.Stability!.Value, 0, 1));
        Assert.InRange(graph.EffectiveMemory!.Value, 20, 40);
        Assert.Equal("LowPass", graph.Sign);
    }
}
