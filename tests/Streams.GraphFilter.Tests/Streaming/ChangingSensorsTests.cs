using Streams.Schemas.Processing;

namespace Streams.GraphFilter.Tests.Streaming;

public sealed class ChangingSensorsTests
{
    private static readonly string[] Names = Feed.Names(6);

    [Fact]
    public void ApplyAsync_ColumnsReordered_ChangesNothing()
    {
        var rows = Feed.Drifting(50, 6, 0.2, 1);
        int[] order = [3, 0, 5, 1, 4, 2];
        var plain = Feed.Processor();
        var shuffled = Feed.Processor();
        var expected = plain.Apply(Feed.Records(rows, Names));
        var records = Feed.Records(rows, Names).Select((record, i) => i % 2 == 0
            ? record
            : Feed.Record(i, [.. order.Select(column => Names[column])], [i], [.. order.Select(column => rows[i][column])])).ToList();
        var found = shuffled.Apply(records);
        Assert.Equal(plain.SaveState(), shuffled.SaveState());
        Assert.Equal(
            expected.Filled().OrderBy(value => value.Time).ThenBy(value => value.Sensor, StringComparer.Ordinal),
            found.Filled().OrderBy(value => value.Time).ThenBy(value => value.Sensor, StringComparer.Ordinal));
    }

    [Fact]
    public void ApplyAsync_SensorLeaves_IsNoLongerFilledNorInTheGraph()
    {
        var rows = Feed.Drifting(60, 6, 0.1, 2);
        var processor = Feed.Processor();
        processor.Apply(Feed.Records(rows[..30], Names));
        var output = processor.Apply([.. Enumerable.Range(30, 30).Select(day => Feed.Record(day, Names[..5], [day], rows[day][..5]))]);
        Assert.DoesNotContain(output.Filled(), value => value.Sensor == "s5");
        Assert.All(output.Graphs(), graph => Assert.Equal(Names[..5], graph.Sensors));
        Assert.NotEmpty(output.Graphs());
    }

    [Fact]
    public void ApplyAsync_SensorComesBack_GoesOnWhereItWas()
    {
        var rows = Feed.Drifting(60, 6, 0, 3);
        var processor = Feed.Processor();
        processor.Apply(Feed.Records(rows[..30], Names));
        processor.Apply([.. Enumerable.Range(30, 5).Select(day => Feed.Record(day, Names[..5], [day], rows[day][..5]))]);
        double[] gap = [.. rows[35][..5], double.NaN];
        var filled = Assert.Single(processor.Apply(Feed.Record(35, Names, [35], gap)).Filled());
        Assert.InRange(filled.Value, rows[35][5] - 10, rows[35][5] + 10);
        Assert.InRange(filled.StandardDeviation, 0.1, 5);
    }

    [Fact]
    public void ApplyAsync_SensorJoins_IsFilledAndSoonInTheGraph()
    {
        var rows = Feed.Drifting(60, 6, 0.05, 4);
        var processor = Feed.Processor();
        processor.Apply([.. Enumerable.Range(0, 30).Select(day => Feed.Record(day, Names[..5], [day], rows[day][..5]))]);
        var joined = Enumerable.Range(30, 30).Select(day => Feed.Record(day, Names, [day], rows[day])).ToArray();
        var early = processor.Apply(joined[..3]).Graphs();
        Assert.All(early, graph => Assert.DoesNotContain("s5", graph.Sensors));
        var late = processor.Apply(joined[3..]).Graphs();
        Assert.Equal(Names, late[^1].Sensors);
    }

    [Fact]
    public void ApplyAsync_NewNamesForEver_StateStaysBounded()
    {
        var processor = Feed.Processor(Feed.Quick with { MaxSensors = 8 });
        var largest = 0;
        for (var day = 0; day < 200; day++)
        {
            processor.Apply(Feed.Record(day, [.. Enumerable.Range(0, 4).Select(i => $"v{(day * 4) + i}")], [day], 1, 2, 3, 4));
            largest = Math.Max(largest, processor.SaveState().Length);
        }

        Assert.InRange(largest, 0, 16_000);
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(6, 1)]
    [InlineData(6, 2)]
    [InlineData(2, 60)]
    public void ApplyAsync_FewSensorsOrRows_Works(int sensors, int rows)
    {
        var output = Feed.Processor().Apply(Feed.Records(Feed.Drifting(rows, sensors, 0.2, 5), Feed.Names(sensors)));
        Finite(output);
        Assert.Empty(output.Rejections);
        Assert.True(sensors > 1 || output.Graphs().Count == 0);
    }

    [Fact]
    public void ApplyAsync_DeadAndConstantSensors_AreLeftOutWithANote()
    {
        var rows = Feed.Drifting(60, 6, 0.1, 6);
        foreach (var row in rows)
        {
            (row[1], row[4]) = (double.NaN, double.IsNaN(row[4]) ? double.NaN : 7.25);
        }

        var output = Feed.Processor().Apply(Feed.Records(rows, Names));
        Finite(output);
        var graph = output.Graphs()[^1];
        Assert.Equal(["s0", "s2", "s3", "s5"], graph.Sensors);
        Assert.Contains(graph.Notes, note => note == "left out for too few readings: s1");
        Assert.Contains(graph.Notes, note => note == "left out for constant readings: s4");
        Assert.All(output.Filled().Where(value => value.Sensor == "s4" && value.Time > Feed.Day(40)), value => Assert.Equal(7.25, value.Value));
    }

    [Fact]
    public void ApplyAsync_EverythingConstant_LearnsNothingAndFillsTheConstant()
    {
        var output = Feed.Processor().Apply(Feed.Records([.. Enumerable.Range(0, 30).Select(row => row == 20 ? new double[] { 5, double.NaN } : [5, 6])], ["a", "b"]));
        Assert.Equal(6, Assert.Single(output.Filled()).Value);
        Assert.Empty(output.Graphs());
    }

    [Fact]
    public void ApplyAsync_IdenticalSensors_FillOneFromTheOther()
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, 60).Select(_ => Synthetic.Normal(random)).Select((value, row) => row == 50 ? new[] { value, double.NaN } : [value, value]).ToArray();
        var output = Feed.Processor().Apply(Feed.Records(rows, ["a", "b"]));
        Assert.Equal(rows[50][0], Assert.Single(output.Filled()).Value, 0.4);
    }

    [Fact]
    public void ApplyAsync_RowsWithoutAnyReading_AreFilledButNotCounted()
    {
        var rows = Feed.Drifting(30, 4, 0, 8);
        double[] nothing = [double.NaN, double.NaN, double.NaN, double.NaN];
        var processor = Feed.Processor();
        processor.Apply(Feed.Records(rows, Feed.Names(4)));
        var before = processor.SaveState().Length;
        var output = processor.Apply([.. Enumerable.Range(30, 40).Select(day => Feed.Record(day, Feed.Names(4), [day], nothing))]);
        Assert.Equal(160, output.Filled().Count);
        Assert.Empty(output.Graphs());
        Assert.Equal(before, processor.SaveState().Length);
    }

    [Fact]
    public void ApplyAsync_AWildReading_IsForgottenSoon()
    {
        var rows = Feed.Drifting(120, 6, 0, 9);
        rows[40][2] = 1e12;
        var truth = rows[100][2];
        rows[100][2] = double.NaN;
        var output = Feed.Processor().Apply(Feed.Records(rows, Names));
        Finite(output);
        Assert.InRange(Assert.Single(output.Filled()).Value, truth - 6, truth + 6);
    }

    private static void Finite(ProcessorOutput output)
    {
        Assert.All(output.Filled(), value => Assert.True(double.IsFinite(value.Value) && double.IsFinite(value.StandardDeviation) && value.StandardDeviation >= 0));
        Assert.All(output.Graphs(), graph => Assert.True(double.IsFinite(graph.Fit) && graph.Filter.Gain.All(double.IsFinite)));
    }
}
