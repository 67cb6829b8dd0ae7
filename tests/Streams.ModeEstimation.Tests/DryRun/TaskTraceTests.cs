using System.Globalization;
using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.DryRun;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.DryRun;

public sealed class TaskTraceTests
{
    private static readonly ModeEstimationOptions Options = new();

    [Fact]
    public async Task Trace_DecidedTask_EndsWhereLiveDidAndCrossesItsThresholdThere()
    {
        var live = new TaskHarness();
        live.Define(0.05, 4);
        for (var i = 0; live.Modes.Count == 0; i++)
        {
            live.Send(Text(i), i % 4 == 0 ? "b" : "a");
        }

        var trace = await TraceAsync(live);

        Assert.False(trace.IsOpen);
        var last = trace.Points[^1];
        Assert.Equal((live.Mode.LabelsUsed, live.Mode.LeaderCount, live.Mode.RunnerUpCount, live.Mode.LogEValue), (last.Labels, last.LeaderCount, last.RunnerUpCount, last.LogEValue));
        Assert.True(trace.StopsOnEvidence);
        Assert.True(last.LogEValue >= trace.LogThreshold, $"{last.LogEValue} is below {trace.LogThreshold}");
        Assert.All(trace.Points.SkipLast(1), point => Assert.True(point.LogEValue < trace.LogThreshold, $"{point} is at or above {trace.LogThreshold}"));
        Assert.Equal(["a", "b"], trace.Labels.Select(label => label.Label));
        Assert.Equal(live.Mode.LabelsUsed, trace.Labels.Sum(label => label.Count));
    }

    [Fact]
    public async Task Trace_OpenTask_StandsWhereItsLastLabelLeftIt()
    {
        var live = new TaskHarness();
        live.Define(0.001, 3, pool: 500, inFlight: 4);
        foreach (var ask in live.Asks.Take(3).ToList())
        {
            live.Send(Text(ask.Sample!.Value), "a", ask.Query);
        }

        var trace = await TraceAsync(live);

        Assert.True(trace.IsOpen);
        Assert.Equal(0.001, trace.Delta);
        Assert.Equal(500, trace.Definition!.Pool);
        Assert.Equal(live.Asks.Count(), trace.Asked);
        Assert.Equal([0L, 1, 2, 3], trace.Points.Select(point => point.Labels));
    }

    [Fact]
    public async Task Trace_LongHistory_KeepsFewPointsAndBothEnds()
    {
        var live = new TaskHarness();
        live.Define(1e-9, 2);
        for (var i = 0; i < 5_000; i++)
        {
            live.Send(Text(i), i % 2 == 0 ? "a" : "b");
        }

        var trace = await TraceAsync(live);

        Assert.InRange(trace.Points.Count, 100, TaskTrace.MaxPoints + 1);
        Assert.Equal(5_000, trace.Points[^1].Labels);
        Assert.Null(trace.LogThreshold);
    }

    [Fact]
    public async Task Trace_RecordsAfterTheEndAndRefusedOnes_CountForNothing()
    {
        var live = new TaskHarness();
        live.Define(new LabelTask(live.Task, 0.5, 2, MaxLabels: 2));
        live.Send("1", "a");
        live.Send(new LabelSample(live.Task, "2", null, null, null, new Dictionary<string, double> { ["a"] = 1 }));
        live.Send("2", "b");
        live.Send("3", "b");
        Assert.Equal(LabelModeStatus.Abstain, live.Mode.Status);

        var trace = await TraceAsync(live);

        Assert.Equal([new LabelCount("a", 1), new LabelCount("b", 1)], trace.Labels);
        Assert.Equal(2, trace.Points[^1].Labels);
    }

    [Theory]
    [InlineData(LabelRules.Bernstein, false)]
    [InlineData(LabelRules.Ppr, true)]
    [InlineData(LabelRules.LeaderBettingPooled, true)]
    public async Task Trace_SaysWhetherTheRuleStopsOnTheEValue(string rule, bool stops)
    {
        var live = new TaskHarness();
        live.Define(0.1, 3, rule: rule);
        live.Send("1", "a");
        Assert.Equal(stops, (await TraceAsync(live)).StopsOnEvidence);
    }

    private static Task<TaskTrace> TraceAsync(TaskHarness live) => TaskTrace.RunAsync(live.Task, live.Log, Options, TestContext.Current.CancellationToken);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
