using System.Text;
using Streams.Processors.ModeEstimation;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.Weighted;

/// <summary>A task with the rule weighted-betting, from records to results.</summary>
public sealed class WeightedTaskTests
{
    [Fact]
    public void Send_WeightsAndLabels_NamesTheLabelOfTheLargestMeanWeight()
    {
        var harness = Defined();
        for (var n = 0; harness.Modes.Count == 0; n++)
        {
            Assert.InRange(n, 0, 1_000);
            _ = n % 3 == 0 ? harness.Send($"{n}", "dog") : Send(harness, $"{n}", ("cat", 0.75), ("dog", 0.03125));
        }

        // Dog is the first choice of every third sample alone, and cat has more weight in all: .5 against .35 a sample.
        var mode = harness.Mode;
        Assert.Equal((LabelModeStatus.Decided, "cat", "weighted-betting/1"), (mode.Status, mode.Mode, mode.Rule));
        Assert.Equal((0.75 * (mode.LabelsUsed - 1 - ((mode.LabelsUsed - 1) / 3)), (long)mode.LeaderWeight!.Value), (mode.LeaderWeight!.Value, mode.LeaderCount));
        Assert.True(mode.RunnerUpWeight < mode.LeaderWeight && mode.RunnerUpCount == (long)mode.RunnerUpWeight, $"{mode}");
        Assert.InRange(mode.LogEValue, Math.Log(1 / 0.01), 20);
        Assert.InRange(mode.PValue, 1e-9, 0.01);
        Assert.Null(mode.Unrejected);
        Assert.True(harness.IsStopped);
    }

    [Fact]
    public void Send_WholeLabels_CountAsWeightOne()
    {
        var (labels, weights) = (Defined(), Defined());
        for (var n = 0; labels.Modes.Count == 0; n++)
        {
            var label = n % 4 == 0 ? "dog" : "cat";
            labels.Send($"{n}", label);
            Send(weights, $"{n}", (label, 1));
        }

        Assert.Equal(labels.Mode, weights.Mode);
        Assert.Equal((double)labels.Mode.LeaderCount, labels.Mode.LeaderWeight);
        Assert.Equal((double)labels.Mode.RunnerUpCount, labels.Mode.RunnerUpWeight);
        Assert.Equal(labels.Mode.LabelsUsed, labels.Mode.LeaderCount + labels.Mode.RunnerUpCount);
    }

    [Fact]
    public void Send_TheSameSampleAgain_IsNotCountedAgainAndOtherWeightsContradict()
    {
        var harness = Defined();
        Send(harness, "1", ("cat", 0.5), ("dog", 0.25), ("cow", 0));
        Send(harness, "1", ("dog", 0.25), ("cat", 0.5));
        Assert.Equal(new LabelTaskStatistics(1, 0, 0), harness.Statistics);
        Send(harness, "1", ("dog", 0.5), ("cat", 0.25));
        harness.Send("2", "cat");
        harness.Restart();
        Send(harness, "2", ("cat", 1));
        Assert.Equal(new LabelTaskStatistics(3, 1, 0), harness.Statistics);
        Assert.Empty(harness.Rejections);
    }

    [Fact]
    public void Send_BudgetSpent_AbstainsWithTheLabelsLeft()
    {
        var harness = Defined(maxLabels: 60);
        for (var n = 0; n < 61; n++)
        {
            Send(harness, $"{n}", ("cat", 0.45), ("dog", 0.45), ("cow", 0.0625));
        }

        Assert.Equal((LabelModeStatus.Abstain, 60L, 27L, 0L), (harness.Mode.Status, harness.Mode.LabelsUsed, harness.Mode.LeaderWeight is 27 ? 27 : -1, harness.Mode.LabelsSaved));
        Assert.Equal(["cat", "dog"], harness.Mode.Unrejected!);
        Assert.Equal((2, 1L), (harness.Mode.UnrejectedCount, harness.Statistics.Late));
    }

    [Fact]
    public void Define_AtItsOwnDeadline_AbstainsWithNothingCounted()
    {
        var harness = new TaskHarness();
        harness.Define(Definition() with { Deadline = TaskHarness.Start });

        Assert.Equal((LabelModeStatus.Abstain, null, 0.0, 5), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LeaderWeight, harness.Mode.UnrejectedCount));
    }

    [Fact]
    public void Send_WeightsOfNothing_AreCountedAndLeadNowhere()
    {
        var harness = Defined();
        Send(harness, "1", ("cat", 0));
        harness.Send("2", "dog");
        harness.Define(Definition() with { Delta = 0.5 });

        harness.AssertRejected("under way with another definition");
        Assert.Equal(new LabelTaskStatistics(0, 0, 0), harness.Statistics);
    }

    [Theory]
    [InlineData("leader-betting-mix", null, "data.weights: is given, but the task takes labels; give a label, or define a task with rule weighted-betting")]
    [InlineData("leader-betting-mix", 100, "data.weights: is given, but the task takes labels")]
    [InlineData(null, null, "data.weights: is given, but the task has no definition and takes labels; define it first, with rule weighted-betting")]
    public void Send_WeightsToATaskOfLabels_AreRefusedAndChangeNothing(string? rule, int? pool, string reason)
    {
        var harness = new TaskHarness();
        if (rule is not null)
        {
            harness.Define(0.01, 3, pool, rule: rule);
        }

        var before = harness.Processor.SaveState();
        Send(harness, "1", ("cat", 0.5));

        harness.AssertRejected(reason);
        Assert.Equal(before, harness.Processor.SaveState());
    }

    [Fact]
    public void Send_WhatATaskOfWeightsCannotUse_IsRefusedAndChangesNothing()
    {
        var harness = Defined();
        Send(harness, "1", ("a", 0.2), ("b", 0.2), ("c", 0.2), ("d", 0.2));
        var before = harness.Processor.SaveState();
        Send(harness, "2", ("a", 0.2), ("e", 0.2), ("f", 0.2));
        harness.Send("3", "a", query: 0);
        harness.Send(new LabelPair("t", 0, 1, true));
        harness.Send(EventTypes.LabelSample, Encoding.UTF8.GetBytes("""{"task":"t","sample":"4","weights":{"a":0.7,"b":0.7}}"""));

        Assert.Collection(
            harness.Rejections,
            rejection => Assert.Contains("data.weights: is 'f', one more than the 5 different labels", rejection.Reason, StringComparison.Ordinal),
            rejection => Assert.Contains("asks nothing", rejection.Reason, StringComparison.Ordinal),
            rejection => Assert.Contains("asks about no pairs", rejection.Reason, StringComparison.Ordinal),
            rejection => Assert.Contains("data.weights: adds up to 1.4", rejection.Reason, StringComparison.Ordinal));
        Assert.Equal(before, harness.Processor.SaveState());
    }

    /// <summary>A noisy classifier, with repeats, contradictions and unusable records among its samples.</summary>
    internal static TaskHarness PlayNoisy()
    {
        var random = new Random(7);
        var harness = new TaskHarness("weights");
        harness.Define(Definition() with { Task = "weights", Delta = 0.001 });
        for (var n = 0; n < 400; n++)
        {
            var id = $"{n - (random.Next(10) == 0 ? 3 : 0)}";
            var first = 0.7 * random.NextDouble();
            _ = random.Next(12) switch
            {
                0 => harness.Send(id, "cow"),
                1 => Send(harness, id, ("p", 0.1), ("q", 0.1), ("r", 0.1), ("s", 0.1), ("t", 0.1), ("u", 0.1)),
                _ => Send(harness, id, ("cat", first), ("dog", 0.6 * (1 - first) * random.NextDouble()), ("cow", 0.1)),
            };
        }

        return harness;
    }

    private static LabelTask Definition() => new("t", 0.01, 5, Rule: LabelRules.WeightedBetting);

    private static TaskHarness Defined(int? maxLabels = null)
    {
        var harness = new TaskHarness();
        harness.Define(Definition() with { MaxLabels = maxLabels });
        return harness;
    }

    private static IReadOnlyList<LabelQuery> Send(TaskHarness harness, string sample, params (string Label, double Weight)[] weights) =>
        harness.Send(new LabelSample(
            harness.Task, sample, null, Weights: new OrderedDictionary<string, double>(weights.Select(entry => KeyValuePair.Create(entry.Label, entry.Weight)))));
}
