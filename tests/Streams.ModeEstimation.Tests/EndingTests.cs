using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests;

/// <summary>The ways a task ends other than by its mode, and what the result says then.</summary>
public sealed class EndingTests
{
    [Theory]
    [InlineData(0.1, null)]
    [InlineData(null, 0.1)]
    public void Send_TieWithATolerance_EndsAsEpsModeWithTheTiedLabels(double? tolerance, double? relative)
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.01, 3, Tolerance: tolerance, RelativeTolerance: relative));
        Feed(harness, n => n % 7 == 6 ? "rare" : n % 2 == 0 ? "cat" : "dog");

        var mode = harness.Mode;
        Assert.Equal(LabelModeStatus.EpsMode, mode.Status);
        Assert.Contains(mode.Mode, new[] { "cat", "dog" });
        Assert.Equal(["cat", "dog"], mode.Unrejected!.Order(StringComparer.Ordinal));
        Assert.Equal((2, 0L, mode.LabelsUsed), (mode.UnrejectedCount, mode.FirstOffset, mode.LastOffset));
        Assert.True(harness.IsStopped);
        harness.Define(new LabelTask("t", 0.02, 3));
        harness.AssertRejected($"has ended (decided '{mode.Mode}' within its tolerance)");
    }

    [Fact]
    public void Send_ClearLeaderWithATolerance_IsDecidedAsTheModeItself()
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.01, 2, Tolerance: 0.01));
        Feed(harness, n => n % 10 == 9 ? "dog" : "cat");

        Assert.Equal((LabelModeStatus.Decided, "cat"), (harness.Mode.Status, harness.Mode.Mode));
        Assert.Null(harness.Mode.Unrejected);
        Assert.Null(harness.Mode.UnrejectedCount);
    }

    [Fact]
    public void Send_BudgetSpent_AbstainsWithTheLabelsThatMayStillBeTheMode()
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.01, 50, MaxLabels: 100));
        Feed(harness, n => n % 20 == 19 ? "rare" : n % 2 == 0 ? "cat" : "dog");

        // 47 labels were never seen, and are as surely rejected as the rare one.
        var mode = harness.Mode;
        Assert.Equal((LabelModeStatus.Abstain, 100L, 2), (mode.Status, mode.LabelsUsed, mode.UnrejectedCount));
        Assert.Equal(["cat", "dog"], mode.Unrejected!.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Send_BudgetSpentAtOnce_LeavesEveryLabelUnrejected()
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.01, 1_000, MaxLabels: 30));
        Feed(harness, n => $"{n}");

        Assert.Equal(1_000, harness.Mode.UnrejectedCount);
        Assert.Equal(LabelMode.MaxUnrejected, harness.Mode.Unrejected!.Count);
    }

    [Fact]
    public void Answer_PoolThatTies_AbstainsWithTheLevelLabels()
    {
        var harness = new TaskHarness();
        var oracle = Processors.ModeEstimation.TruthOracle.Of(["a", "b", "b", "c", "a"]);
        harness.Answer(oracle, harness.Define(1e-9, 4, pool: 5), _ => 0);

        Assert.Equal((LabelModeStatus.Abstain, "census/1", 2), (harness.Mode.Status, harness.Mode.Rule, harness.Mode.UnrejectedCount));
        Assert.Equal(["a", "b"], harness.Mode.Unrejected!.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ppr-1v1")]
    [InlineData("leader-betting-mix")]
    [InlineData("a1")]
    public void Send_MinimumOfLabels_DecidesNoSooner(string rule)
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.05, 2, Rule: rule, MinLabels: 400));
        Feed(harness, _ => "cat");

        Assert.Equal((LabelModeStatus.Decided, "cat", 400L), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LabelsUsed));
    }

    [Fact]
    public void Ask_MinimumOfLabels_IsAskedForAsSure()
    {
        var harness = new TaskHarness(options: new Processors.ModeEstimation.ModeEstimationOptions { AskOnlyWhatIsNeeded = true });
        var asks = harness.Define(new LabelTask("t", 0.05, 2, 10_000, 64, MinLabels: 40));
        Assert.Equal((40, 40L), (asks.Count, asks[0].Progress.LeaderNeeded));
    }

    [Fact]
    public void Restart_TaskWithEverything_GoesOnAsBefore()
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask("t", 0.01, 3, MinLabels: 600, RelativeTolerance: 0.1, Rule: "os-rank"));
        for (var n = 0; harness.Modes.Count == 0; n++)
        {
            harness.Restart();
            harness.Send($"{n}", n % 2 == 0 ? "cat" : "dog");
        }

        Assert.Equal((LabelModeStatus.EpsMode, 600L, 0L), (harness.Mode.Status, harness.Mode.LabelsUsed, harness.Mode.FirstOffset));
    }

    private static void Feed(TaskHarness harness, Func<int, string> label)
    {
        for (var n = 0; harness.Modes.Count == 0; n++)
        {
            Assert.InRange(n, 0, 20_000);
            harness.Send($"{n}", label(n));
        }
    }
}
