using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests;

/// <summary>Records of <see cref="TaskHarness"/> are a second apart.</summary>
public sealed class DeadlineTests
{
    public static TheoryData<string> Rules { get; } = [.. LabelRules.All];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Send_RecordAtTheDeadline_EndsTheTaskAndIsNotCounted(string rule)
    {
        var harness = new TaskHarness();
        harness.Define(Passive(deadline: 3) with { Rule = rule });
        harness.Send("1", "a");
        harness.Send("2", "b");
        Assert.Empty(harness.Modes);
        harness.Send("3", "b");
        harness.Send("4", "b");

        Assert.Equal((LabelModeStatus.Abstain, 2L, 1L, 1L), (harness.Mode.Status, harness.Mode.LabelsUsed, harness.Mode.LeaderCount, harness.Mode.RunnerUpCount));
        Assert.Equal((3, 0L, 3L), (harness.Mode.UnrejectedCount, harness.Mode.FirstOffset, harness.Mode.LastOffset));
        Assert.Equal(new LabelTaskStatistics(0, 0, 2), harness.Statistics);
        Assert.True(harness.IsStopped);
    }

    /// <summary>What ends the task makes no difference to what it ends with: a sample that would decide, a repeat, an unusable sample, the definition.</summary>
    [Theory]
    [InlineData("sample")]
    [InlineData("repeat")]
    [InlineData("label too many")]
    [InlineData("pair")]
    [InlineData("definition")]
    public void Send_AnyRecordAtTheDeadline_GivesTheSameResult(string kind)
    {
        var harness = new TaskHarness();
        var definition = Passive(deadline: 10) with { Rule = LabelRules.OneSided, Labels = 2 };
        harness.Define(definition);
        for (var n = 1; n <= 8; n++)
        {
            harness.Send($"{n}", "a");
        }

        harness.Send("9", "b");
        _ = kind switch
        {
            "sample" => harness.Send("10", "a"),
            "repeat" => harness.Send("9", "a"),
            "label too many" => harness.Send("10", "c"),
            "pair" => harness.Send(new LabelPair("t", 0, 1, true)),
            _ => harness.Define(definition),
        };

        Assert.Equal((LabelModeStatus.Abstain, "a", 9L, 8L, 1L), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LabelsUsed, harness.Mode.LeaderCount, harness.Mode.RunnerUpCount));
        Assert.Equal(["a", "b"], harness.Mode.Unrejected);
        Assert.Empty(harness.Rejections);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Define_AtItsOwnDeadline_AbstainsWithNothingCounted(string rule)
    {
        var harness = new TaskHarness();
        harness.Define(Passive(deadline: 0) with { Rule = rule });

        Assert.Equal((LabelModeStatus.Abstain, null, 0L, 3, 1.0), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LabelsUsed, harness.Mode.UnrejectedCount, harness.Mode.PValue));
    }

    [Fact]
    public void Define_AnotherDefinitionAtTheDeadline_IsRefusedAndChangesNothing()
    {
        var harness = new TaskHarness();
        harness.Define(Passive(deadline: 1));
        var before = harness.Processor.SaveState();
        harness.Define(Passive(deadline: 100));

        harness.AssertRejected("under way with another definition");
        Assert.Equal(before, harness.Processor.SaveState());
        harness.Define(Passive(deadline: 1));
        Assert.Equal(LabelModeStatus.Abstain, harness.Mode.Status);
    }

    [Fact]
    public void Define_AgainAtTheDeadline_EndsAnActiveTaskInsteadOfAskingAgain()
    {
        var harness = new TaskHarness();
        var definition = Passive(deadline: 3) with { Pool = 1000, InFlight = 2 };
        var asks = harness.Define(definition);
        harness.Send($"{asks[0].Sample}", "a", 0);
        Assert.Equal(2, harness.Define(definition).Count);
        Assert.Equal(LabelQueryKind.Stop, Assert.Single(harness.Define(definition)).Kind);
        Assert.Empty(harness.Define(definition));

        Assert.Equal((LabelModeStatus.Abstain, "a", 1L, 3L), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LabelsUsed, harness.Mode.LabelsAsked));
        Assert.Empty(harness.Rejections);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void Define_AgainAtTheDeadlineOfAPairTask_EndsItWithTheLabelsLeft(int deadline)
    {
        var harness = new TaskHarness();
        var definition = Passive(deadline) with { Pool = 1000, QueryModel = QueryModels.Pairs, MaxQueries = 500 };
        var oracle = TruthOracle.Of(Enumerable.Range(0, 1000).Select(n => $"L{n % 3}"));
        harness.Compare(oracle, harness.Define(definition), _ => 0);
        harness.Define(definition);

        Assert.Equal((LabelModeStatus.Abstain, (long?)deadline), (harness.Mode.Status, harness.Mode.LastOffset));
        Assert.Equal(deadline == 1 ? 1 : 3, harness.Mode.CandidateSamples!.Count);
        Assert.Empty(harness.Rejections);
    }

    [Fact]
    public void Send_SampleOfAnEarlierEventTimeAfterOthers_Counts()
    {
        var harness = new TaskHarness();
        harness.Define(Passive(deadline: 60));
        harness.Apply([TaskHarness.Record(59, Schemas.Envelope.EventTypes.LabelSample, LabelCodec.Encode(new LabelSample("t", "1", "a")))]);
        harness.Send("2", "a");

        Assert.Empty(harness.Modes);
        harness.Apply([TaskHarness.Record(60, Schemas.Envelope.EventTypes.LabelSample, LabelCodec.Encode(new LabelSample("t", "3", "a")))]);
        Assert.Equal(2, harness.Mode.LabelsUsed);
    }

    private static LabelTask Passive(int deadline) => new("t", 0.01, 3, Deadline: TaskHarness.Start.AddSeconds(deadline));
}
