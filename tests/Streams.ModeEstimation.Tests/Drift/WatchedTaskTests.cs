using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.Drift;

/// <summary>A passive task with a drift alarm, from records to results.</summary>
public sealed class WatchedTaskTests
{
    private static readonly string[] Names = ["cat", "dog", "cow"];

    [Fact]
    public void Send_AnotherLabelBecomesTheMode_ReopensAndDecidesAnew()
    {
        var harness = PlayTwoChanges();

        Assert.Equal(
            [
                (LabelModeStatus.Decided, "cat", null), (LabelModeStatus.Reopened, "cat", null), (LabelModeStatus.Decided, "cow", 2),
                (LabelModeStatus.Reopened, "cow", 2), (LabelModeStatus.Decided, "dog", 3),
            ],
            harness.Modes.Select(mode => (mode.Status, mode.Mode, mode.Epoch)));
        Assert.False(harness.IsStopped, "samples are wanted still");
        foreach (var (before, after) in harness.Modes.Zip(harness.Modes.Skip(1)))
        {
            Assert.Equal(before.LastOffset, after.FirstOffset);
        }

        var reopened = harness.Modes[1];
        Assert.Equal("e-detector/1", reopened.Rule);
        Assert.True(reopened.LogEValue >= Math.Log(1_000), $"{reopened.LogEValue}");
        Assert.InRange(reopened.LeaderCount + reopened.RunnerUpCount, 2, reopened.LabelsUsed);
        Assert.True(harness.Statistics.Duplicates > 0);
        Assert.Equal(0, harness.Statistics.Late);
    }

    [Fact]
    public void Send_RepeatsOfOneSample_RaiseNoAlarm()
    {
        var harness = Decided();
        for (var n = 0; n < 5_000; n++)
        {
            harness.Send("again", "dog");
        }

        Assert.Single(harness.Modes);
        Assert.Equal(4_999, harness.Statistics.Duplicates);
    }

    [Fact]
    public void Send_TieWithinATolerance_IsWatchedToo()
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.01, 3, Tolerance: 0.1, DriftAlarm: 1_000));
        var n = 0;
        while (harness.Modes.Count == 0)
        {
            harness.Send($"{n}", n++ % 2 == 0 ? "cat" : "dog");
        }

        while (harness.Modes.Count < 3)
        {
            Assert.InRange(n, 0, 20_000);
            harness.Send($"{n++}", "cow");
        }

        Assert.Equal([LabelModeStatus.EpsMode, LabelModeStatus.Reopened, LabelModeStatus.Decided], harness.Modes.Select(mode => mode.Status));
        Assert.Equal("cow", harness.Modes[2].Mode);
    }

    [Fact]
    public void Send_BudgetSpentInALaterEpoch_EndsTheTask()
    {
        var harness = Decided(maxLabels: 60);
        var n = 1_000;
        while (harness.Modes.Count < 2)
        {
            harness.Send($"{n++}", "dog");
        }

        while (!harness.IsStopped)
        {
            harness.Send($"{n}", n++ % 2 == 0 ? "cat" : "dog");
        }

        Assert.Equal((LabelModeStatus.Abstain, 60L, 2), (harness.Modes[2].Status, harness.Modes[2].LabelsUsed, harness.Modes[2].Epoch));
        harness.Send($"{n}", "dog");
        Assert.Equal(1, harness.Statistics.Late);
    }

    [Fact]
    public void Send_DeadlineWhileWatched_StopsAndTheModeStands()
    {
        var harness = Decided(deadline: 100);
        while (!harness.IsStopped)
        {
            harness.Send($"{harness.Log.Count + 1_000}", "cat");
        }

        Assert.Equal((101, 1L, "cat"), (harness.Log.Count, harness.Statistics.Late, harness.Mode.Mode));
        harness.Restart();
        harness.Define(Definition() with { Delta = 0.2 });
        harness.AssertRejected("'t' has ended (decided 'cat' and watched it until the deadline)");
    }

    [Fact]
    public void Send_UnusableSampleWhileWatched_IsRefusedAndChangesNothing()
    {
        var harness = Decided();
        harness.Send("1000", "dog");
        harness.Send("1001", "cow");
        var before = harness.Processor.SaveState();
        harness.Send("1002", "newt");
        harness.Send("1003", "dog", query: 0);
        harness.Send(new LabelPair("t", 0, 1, true));
        harness.Define(Definition() with { DriftAlarm = 50 });
        Assert.Empty(harness.Define(Definition()));

        Assert.Collection(
            harness.Rejections,
            rejection => Assert.Contains("one more than the 3 different labels", rejection.Reason, StringComparison.Ordinal),
            rejection => Assert.Contains("asks nothing", rejection.Reason, StringComparison.Ordinal),
            rejection => Assert.Contains("asks about no pairs", rejection.Reason, StringComparison.Ordinal),
            rejection => Assert.Contains("under way with another definition", rejection.Reason, StringComparison.Ordinal));
        Assert.Equal(before, harness.Processor.SaveState());
    }

    /// <summary>As d.7 of the design page promises, through the whole task: what comes after a right decision reopens it rarely, and a change is found soon.</summary>
    [Fact]
    public void Send_NothingChanges_ReopensNoMoreOftenThanPromised()
    {
        const int Runs = 40;
        const int Labels = 1_000;
        var (random, alarms) = (new Random(5), 0);
        for (var run = 0; run < Runs; run++)
        {
            var harness = new TaskHarness();
            harness.Define(Definition() with { Delta = 0.3, DriftAlarm = 500 });
            for (var n = 0; n < Labels; n++)
            {
                harness.Send($"{n}", Names[Laws.Draw([0.4, 0.4, 0.2], random)]);
            }

            alarms += harness.Modes.Count(mode => mode.Status == LabelModeStatus.Reopened);
        }

        // A tie is the worst case. At most so many are expected; the number of renewals has a standard deviation of about its mean's root.
        var most = Runs * (double)Labels / 500;
        Assert.True(alarms <= most + (4 * Math.Sqrt(most)), $"{alarms} alarms, at most {most} expected");
    }

    /// <summary>The change that d.7 of the design page measures: 116 labels at an alarm of 1,000 there, 109 here.</summary>
    [Fact]
    public void Send_ModeChanges_IsReopenedSoon()
    {
        const int Runs = 100;
        var random = new Random(6);
        var (delays, early) = (new List<int>(), 0);
        for (var run = 0; run < Runs; run++)
        {
            var harness = new TaskHarness();
            harness.Define(Definition());
            var n = 0;
            while (n < 1_000 || harness.Modes[^1].Status == LabelModeStatus.Decided)
            {
                harness.Send($"{n}", Names[Laws.Draw(n < 1_000 ? [0.5, 0.3, 0.2] : [0.3, 0.5, 0.2], random)]);
                n++;
            }

            early += harness.Modes.Count > 2 ? 1 : 0;
            delays.Add(n - 1_000);
        }

        Assert.InRange(delays.Average(), 20, 180);
        Assert.InRange(early, 0, Runs / 20);
    }

    /// <summary>Two changes of the mode, with repeats and junk among the samples.</summary>
    internal static TaskHarness PlayTwoChanges()
    {
        var random = new Random(7);
        var harness = new TaskHarness("drift");
        harness.Define(Definition() with { Task = "drift" });
        var laws = new double[][] { [0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.2, 0.6, 0.2] };
        for (var n = 0; n < 1_500; n++)
        {
            harness.Send($"{n - (random.Next(10) == 0 ? 3 : 0)}", n % 211 == 200 ? "newt" : Names[Laws.Draw(laws[n / 500], random)]);
            if (n % 400 == 399)
            {
                harness.Define(Definition() with { Task = "drift" });
            }
        }

        return harness;
    }

    private static LabelTask Definition() => new("t", 0.01, 3, DriftAlarm: 1_000);

    private static TaskHarness Decided(int? maxLabels = null, int? deadline = null)
    {
        var harness = new TaskHarness();
        harness.Define(Definition() with { MaxLabels = maxLabels, Deadline = deadline is { } seconds ? TaskHarness.Start.AddSeconds(seconds) : null });
        for (var n = 0; harness.Modes.Count == 0; n++)
        {
            harness.Send($"{n}", "cat");
        }

        return harness;
    }
}
