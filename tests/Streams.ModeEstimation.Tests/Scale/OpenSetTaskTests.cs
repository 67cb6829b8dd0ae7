using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.Scale;

/// <summary>Tasks whose definition says no number of labels, from records to results.</summary>
public sealed class OpenSetTaskTests
{
    private const int Counters = 16;
    private static readonly ModeEstimationOptions s_few = new() { OpenSetCounters = Counters };

    [Fact]
    public void Send_EnoughOfOneLabel_DecidesByRank()
    {
        var harness = Defined();
        for (var n = 0; harness.Modes.Count == 0; n++)
        {
            Assert.InRange(n, 0, 1_000);
            harness.Send($"{n}", n % 4 == 0 ? $"rare-{n}" : "cat");
        }

        // Fifteen of sixteen counters are taken by then at most: the counts are exact.
        var mode = harness.Mode;
        Assert.Equal((LabelModeStatus.Decided, "cat", "os-rank/1", 1L), (mode.Status, mode.Mode, mode.Rule, mode.RunnerUpCount));
        Assert.Equal((0L, 0L, mode.LabelsUsed - 1), (mode.FirstOffset, mode.LabelsAsked, mode.LastOffset - 1));
        Assert.InRange(mode.LogEValue, Math.Log(6 / 0.01), 20);
        Assert.InRange(mode.PValue, 1e-9, 0.01);
        Assert.InRange(mode.LabelsSaved, 1, 10_000);
        Assert.Null(mode.Unrejected);
        Assert.True(harness.IsStopped);
    }

    /// <summary>More labels than any definition may count, with a state no larger for it.</summary>
    [Fact]
    public void Send_LabelsWithoutEnd_AreCountedInBoundedStateAndTheModeIsFound()
    {
        var harness = PlayCrowded();

        Assert.Equal((LabelModeStatus.Decided, "mode"), (harness.Mode.Status, harness.Mode.Mode));
        Assert.InRange(harness.Log.Count, 10 * Counters, 1_000);
        var open = Defined(delta: 1e-300, options: s_few with { RememberedSamples = 1 });
        for (var n = 0; n < 3_000; n++)
        {
            open.Send($"{n}", n % 5 == 0 ? "mode" : $"{n:D6}");
        }

        Assert.Empty(open.Modes);
        Assert.InRange(open.Processor.SaveState().Length, 100, 100 + (Counters * 20));
    }

    [Fact]
    public void Send_BudgetSpent_AbstainsAndSaysWhetherOthersThanThoseSeenMayBeTheMode()
    {
        var (close, clear) = (Defined(maxLabels: 60), Defined(maxLabels: 60, minLabels: 60, delta: 0.1));
        for (var n = 0; n < 61; n++)
        {
            close.Send($"{n}", n % 2 == 0 ? "cat" : "dog");
            clear.Send($"{n}", n == 59 ? "cow" : n % 9 < 5 ? "cat" : "dog");
        }

        Assert.Equal((LabelModeStatus.Abstain, 60L, 30L, 30L, 0L), (close.Mode.Status, close.Mode.LabelsUsed, close.Mode.LeaderCount, close.Mode.RunnerUpCount, close.Mode.LabelsSaved));
        Assert.Equal((0.0, 1.0, 1L), (close.Mode.LogEValue, close.Mode.PValue, close.Statistics.Late));
        Assert.Equal(["cat", "dog"], close.Mode.Unrejected!);
        Assert.Equal(2, close.Mode.UnrejectedCount);

        // Neither the cow nor a label that never came can be the mode.
        Assert.Equal((LabelModeStatus.Abstain, "cat"), (clear.Mode.Status, clear.Mode.Mode));
        Assert.Equal((2, 60L), (clear.Mode.UnrejectedCount, clear.Mode.LabelsUsed));
    }

    [Fact]
    public void Send_MinimumOfLabels_NothingIsDecidedBefore()
    {
        var harness = Defined(minLabels: 50);
        for (var n = 0; n < 60; n++)
        {
            harness.Restart();
            harness.Send($"{n}", "cat");
        }

        Assert.Equal((LabelModeStatus.Decided, 50L), (harness.Mode.Status, harness.Mode.LabelsUsed));
        Assert.Equal(10, harness.Statistics.Late);
    }

    [Fact]
    public void Send_TheSameSampleAgain_IsNotCountedAgainAndAnotherLabelContradicts()
    {
        var harness = Defined();
        harness.Send("1", "cat");
        harness.Send("1", "cat");
        harness.Restart();
        harness.Send("1", "dog");

        Assert.Equal(new LabelTaskStatistics(2, 1, 0), harness.Statistics);
        Assert.Empty(harness.Rejections);
    }

    [Fact]
    public void Define_AtItsOwnDeadline_AbstainsWithNothingCounted()
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.1, null, Deadline: TaskHarness.Start));

        Assert.Equal((LabelModeStatus.Abstain, null, 0L, 1.0), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LabelsUsed, harness.Mode.PValue));
        Assert.Empty(harness.Mode.Unrejected!);
        Assert.Null(harness.Mode.UnrejectedCount);
    }

    /// <summary>A pool of N samples has N labels at most, and leader betting pays nothing for that.</summary>
    [Fact]
    public void Define_PoolWithoutLabels_IsAsWithABoundThatNoLabelExceeds()
    {
        var (open, bounded) = (new TaskHarness(), new TaskHarness());
        var oracle = TruthOracle.Of(Enumerable.Range(0, 400).Select(n => n % 10 < 6 ? "cat" : $"L{n}"));
        open.Answer(oracle, open.Define(new LabelTask("t", 0.01, null, 400)), _ => 0);
        bounded.Answer(oracle, bounded.Define(new LabelTask("t", 0.01, 400, 400)), _ => 0);

        Assert.Equal((LabelModeStatus.Decided, "cat"), (open.Mode.Status, open.Mode.Mode));
        Assert.Equal(bounded.Mode, open.Mode);
        Assert.InRange(open.Mode.LabelsUsed, 5, 60);
    }

    [Fact]
    public void Define_PairsWithoutLabels_FindTheModeToo()
    {
        var harness = new TaskHarness();
        var truths = Enumerable.Range(0, 300).Select(n => n % 10 < 6 ? "cat" : $"L{n}").ToList();
        harness.Compare(TruthOracle.Of(truths), harness.Define(new LabelTask("t", 0.05, null, 300, QueryModel: QueryModels.Pairs, MaxQueries: 5_000)), _ => 0);

        Assert.Equal(LabelModeStatus.Decided, harness.Mode.Status);
        Assert.Equal("cat", truths[harness.Mode.ModeSample!.Value]);
    }

    /// <summary>A third of the samples have one label, all others one of their own; with repeats, contradictions and what a passive task refuses.</summary>
    internal static TaskHarness PlayCrowded()
    {
        var random = new Random(21);
        var harness = Defined(delta: 1e-12, task: "open-set");
        for (var n = 0; harness.Modes.Count == 0 || n % 40 != 0; n++)
        {
            Assert.InRange(n, 0, 5_000);
            harness.Send($"{n - (random.Next(6) == 0 ? 2 : 0)}", random.Next(3) == 0 ? "mode" : $"ü{n}", n % 31 == 7 ? 1 : null);
        }

        return harness;
    }

    private static TaskHarness Defined(double delta = 0.01, int? maxLabels = null, int? minLabels = null, string task = "t", ModeEstimationOptions? options = null)
    {
        var harness = new TaskHarness(task, options ?? s_few);
        harness.Define(new LabelTask(task, delta, null, MaxLabels: maxLabels, MinLabels: minLabels));
        return harness;
    }
}
