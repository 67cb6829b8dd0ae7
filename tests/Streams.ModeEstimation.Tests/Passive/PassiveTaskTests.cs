using Streams.Processors.ModeEstimation;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.Passive;

public sealed class PassiveTaskTests
{
    [Fact]
    public void Send_DefinedTask_CountsUntilTheModeIsSureAndSaysStop()
    {
        var harness = new TaskHarness();
        Assert.Empty(harness.Define(0.01, 2, rule: "ppr-1v1"));
        for (var i = 0; i < 11; i++)
        {
            Assert.Empty(harness.Modes);
            harness.Send($"s{i}", "yes");
        }

        // ln(2^11/12); one label in all: gap 1, so the fixed design needs 2 ln(400) = 11.98 labels.
        var expected = new LabelMode("t", LabelModeStatus.Decided, "yes", 0.01, 11, 0, 1, 11, 0, 5.139712, 0.00585938, "ppr-1v1/1", FirstOffset: 0, LastOffset: 11);
        Assert.Equal(expected, harness.Mode);
        Assert.Equal(new LabelQuery("t", LabelQueryKind.Stop, null, null, new LabelProgress(11, "yes", 11, 0, 11)), Assert.Single(harness.Queries));
    }

    [Fact]
    public void Send_TaskNobodyDefined_RunsOnTheDefaults()
    {
        var harness = new TaskHarness(options: new ModeEstimationOptions { DefaultDelta = 0.1, DefaultLabels = 3 });
        for (var i = 0; i < 8; i++)
        {
            harness.Send($"s{i}", "a");
        }

        Assert.Equal((0.1, LabelModeStatus.Decided, 8L), (harness.Mode.Delta, harness.Mode.Status, harness.Mode.LabelsUsed));
    }

    [Fact]
    public void Send_TheSameSampleAgain_IsNotCountedAgain()
    {
        var harness = new TaskHarness();
        harness.Define(0.01, 2);
        for (var i = 0; i < 100; i++)
        {
            harness.Send("s", i == 50 ? "b" : "a");
        }

        Assert.Empty(harness.Modes);
        Assert.Equal(new LabelTaskStatistics(99, 1, 0), harness.Statistics);
    }

    [Fact]
    public void Send_SampleOlderThanTheMemory_IsCountedAgain()
    {
        var harness = new TaskHarness(options: new ModeEstimationOptions { RememberedSamples = 2 });
        harness.Define(1e-6, 2);
        foreach (var sample in new[] { "1", "2", "1", "3", "2", "1", "2" })
        {
            harness.Send(sample, "a");
            harness.Restart();
        }

        // 1 2 (1) 3 forgets 1, (2), 1 forgets 2, 2 again.
        Assert.Equal(2, harness.Statistics.Duplicates);
    }

    [Fact]
    public void Send_BudgetSpent_AbstainsOnce()
    {
        var harness = new TaskHarness();
        harness.Define(0.01, 2, maxLabels: 4);
        for (var i = 0; i < 9; i++)
        {
            harness.Send($"{i}", i % 2 == 0 ? "a" : "b");
        }

        Assert.Equal((LabelModeStatus.Abstain, "a", 4L, 0L), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LabelsUsed, harness.Mode.LabelsSaved));
        Assert.Equal(5, harness.Statistics.Late);
    }

    [Fact]
    public void Send_OneSidedRule_StopsEarlierAndSaysWhichRule()
    {
        var harness = new TaskHarness();
        harness.Define(0.01, 2, rule: "os-1v1");
        for (var i = 0; i < 9; i++)
        {
            harness.Send($"{i}", "a");
        }

        Assert.Equal(("os-1v1/1", 9L), (harness.Mode.Rule, harness.Mode.LabelsUsed));
    }
}
