using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Active;
using Streams.Processors.ModeEstimation.Pairs;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.Pairs;

public sealed class PairTaskTests
{
    private const int Pool = 5_000;

    [Theory]
    [InlineData("first", null, 8)]
    [InlineData("last", null, 8)]
    [InlineData("random", null, 8)]
    [InlineData("random", "ppr-1v1", 3)]
    [InlineData("random", "os-1v1", 64)]
    [InlineData("random", "a2", 200)]
    [InlineData("equal-late", null, 8)]
    [InlineData("one", null, 1)]
    public void Compare_AnyOrderOfAnswers_GivesTheOutcomeOfAskingOneByOne(string order, string? rule, int inFlight)
    {
        var labels = Labels(Pool, 0.45, 0.3, 0.25);
        var oracle = TruthOracle.Of(labels);
        var random = new Random(11);
        var harness = new TaskHarness("faces");
        harness.Compare(oracle, harness.DefinePairs(0.05, 3, Pool, inFlight, rule: rule), open => order switch
        {
            "last" => open.Count - 1,
            "random" => random.Next(open.Count),
            "equal-late" => open.ToList().FindIndex(query => labels[query.Sample!.Value] != labels[query.Other!.Value]) is var at && at >= 0 ? at : 0,
            _ => 0,
        });

        var expected = OneByOne("faces", labels, 0.05, 3, rule);
        var mode = harness.Mode;
        Assert.Equal((LabelModeStatus.Decided, expected.Mode, expected.Rule, null), (mode.Status, mode.ModeSample, mode.Rule, mode.Mode));
        Assert.Equal((expected.QueriesUsed, expected.Samples), (mode.QueriesUsed, mode.LabelsUsed));
        Assert.Equal((expected.LeaderCount, expected.RunnerUpCount, expected.LogEValue), (mode.LeaderCount, mode.RunnerUpCount, mode.LogEValue));
        Assert.Equal("L0", labels[mode.ModeSample!.Value]);
        Assert.Equal(harness.Comparisons.Count(), mode.LabelsAsked);
        Assert.Null(mode.CandidateSamples);
        Assert.Equal(harness.Comparisons.Count(), harness.Comparisons.Select(query => (query.Sample, query.Other)).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, (int)mode.LabelsAsked).Select(n => (long?)n), harness.Comparisons.Select(query => query.Query));
        Assert.Equal(LabelQueryKind.Stop, harness.Queries[^1].Kind);
        Assert.Equal(1, harness.Queries[^1].Progress.Candidates);
        Assert.Empty(harness.Rejections);
        if (inFlight == 1)
        {
            Assert.Equal(mode.QueriesUsed, mode.LabelsAsked);
        }
    }

    [Fact]
    public void DefinePairs_FirstDrawsAhead_AreComparedWithTheFirst()
    {
        var harness = new TaskHarness("faces");
        var asks = harness.DefinePairs(0.01, 3, Pool, inFlight: 4);

        var draws = new DrawSequence("faces", Pool);
        Assert.Equal(Enumerable.Range(1, 4).Select(n => (int?)draws[n]), asks.Select(query => query.Sample));
        Assert.All(asks, query => Assert.Equal((LabelQueryKind.Compare, draws[0]), (query.Kind, query.Other)));
        Assert.All(asks, query => Assert.Equal(new LabelProgress(1, null, 1, 0, 10, draws[0], 0, 1), query.Progress));
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(16, null)]
    [InlineData(16, "ppr-1v1")]
    [InlineData(16, "a2")]
    public void Compare_AskOnlyWhatIsNeeded_HardlyAnyAnswerIsInVain(int inFlight, string? rule)
    {
        var harness = new TaskHarness("faces", new ModeEstimationOptions { AskOnlyWhatIsNeeded = true });
        var random = new Random(1);
        var asks = harness.DefinePairs(0.05, 2, 100_000, inFlight, rule: rule);
        harness.Compare(TruthOracle.Of(Labels(100_000, 0.65, 0.35)), asks, open => random.Next(open.Count));

        // In vain is what was asked of a sample about the leader before another took the lead and proved equal.
        Assert.Equal(rule == "a2" ? 1 : Math.Min(inFlight, (int)asks[0].Progress.LeaderNeeded!.Value - 1), asks.Count);
        Assert.Equal(LabelModeStatus.Decided, harness.Mode.Status);
        Assert.InRange(harness.Mode.LabelsAsked, harness.Mode.QueriesUsed!.Value, harness.Mode.QueriesUsed.Value + (inFlight == 1 ? 0 : inFlight / 2));
    }

    [Fact]
    public void LeaderNeeded_OnlyTheLeaderComes_IsWhereTheModeIsKnown()
    {
        foreach (var rule in new[] { null, "ppr-1v1", "os-1v1" })
        {
            var estimator = new PairModeEstimator(5, 0.05, 1_000, rule);
            for (var n = 0; !estimator.IsDecided; n++)
            {
                estimator.Begin(n);
                for (var at = 0; estimator.Wanted is not null; at++)
                {
                    // Three labels at first, then the leader only.
                    estimator.Answer(equal: n >= 12 ? at == 0 : estimator.Wanted == n % 3);
                }

                Assert.Equal(estimator.IsDecided, estimator.LeaderCount >= estimator.LeaderNeeded);
            }
        }
    }

    [Fact]
    public void Compare_EveryAnswerTwiceAndWithoutNumber_ChangesNothing()
    {
        var labels = Labels(Pool, 0.6, 0.4);
        var oracle = TruthOracle.Of(labels);
        var harness = new TaskHarness("faces");
        var open = harness.DefinePairs(0.05, 2, Pool).ToList();
        while (!harness.IsStopped)
        {
            var answer = oracle.Compare(open[0])!;
            open.RemoveAt(0);

            // The pair the other way round says the same, and without noise needs no number.
            open.AddRange(harness.Send(answer with { Sample = answer.Other, Other = answer.Sample, Query = null }));
            Assert.True(harness.IsStopped || harness.Send(answer).Count == 0);
        }

        Assert.Equal(OneByOne("faces", labels, 0.05, 2, null).QueriesUsed, harness.Mode.QueriesUsed);
        Assert.InRange(harness.Statistics.Duplicates, 50, long.MaxValue);
        Assert.Equal(0, harness.Statistics.Contradictions);
        Assert.Empty(harness.Rejections);
    }

    [Fact]
    public void Compare_TwoQueriesLost_AreAskedAgainWhenTheDefinitionComesAgain()
    {
        var labels = Labels(Pool, 0.7, 0.3);
        var oracle = TruthOracle.Of(labels);
        var harness = new TaskHarness("faces");
        var asks = harness.DefinePairs(0.01, 2, Pool, inFlight: 6);
        harness.Compare(oracle, asks.Where(query => query.Query is not (0 or 3)), _ => 0);

        Assert.Empty(harness.Modes);
        var sent = harness.Comparisons.Count();
        harness.Restart();
        var again = harness.DefinePairs(0.01, 2, Pool, inFlight: 6);
        Assert.Equal([0L, 3L], again.Select(query => query.Query!.Value));
        Assert.Equal(asks.Where(query => query.Query is 0 or 3).Select(query => (query.Sample, query.Other)), again.Select(query => (query.Sample, query.Other)));
        Assert.InRange(sent, 8, 6 * 5);
        harness.Compare(oracle, again, _ => 0);
        Assert.Equal(OneByOne("faces", labels, 0.01, 2, null).Mode, harness.Mode.ModeSample);
    }

    [Fact]
    public void Compare_BudgetSpent_AbstainsWithTheLabelsThatAreNotRejected()
    {
        var harness = new TaskHarness("faces");
        var labels = Labels(Pool, 0.46, 0.45, 0.09);
        harness.Compare(TruthOracle.Of(labels), harness.DefinePairs(0.01, 3, Pool, maxQueries: 400), open => open.Count - 1);

        var mode = harness.Mode;
        Assert.Equal((LabelModeStatus.Abstain, 400L), (mode.Status, mode.QueriesUsed));
        Assert.Equal(["L0", "L1"], mode.CandidateSamples!.Select(sample => labels[sample]).Order());
        Assert.Equal(mode.ModeSample, mode.CandidateSamples![0]);
        Assert.InRange(mode.LabelsAsked, 390, 440);
        Assert.True(mode.PValue > 0.01);
    }

    [Theory]
    [InlineData(1, 1, 0, LabelModeStatus.Decided)]
    [InlineData(2, 1, 1, LabelModeStatus.Abstain)]
    [InlineData(5, 3, 2, LabelModeStatus.Decided)]
    [InlineData(40, 20, 20, LabelModeStatus.Abstain)]
    [InlineData(41, 21, 20, LabelModeStatus.Decided)]
    public void Compare_SmallPool_IsSettledByCountingIt(int pool, int first, int second, LabelModeStatus status)
    {
        var harness = new TaskHarness();
        var oracle = TruthOracle.Of(Enumerable.Range(0, pool).Select(i => i < first ? "a" : "b"));
        harness.Compare(oracle, harness.DefinePairs(1e-12, 2, pool), _ => 0);

        Assert.Equal((status, "census/1"), (harness.Mode.Status, harness.Mode.Rule));
        Assert.True(status == LabelModeStatus.Abstain || (harness.Mode.ModeSample < first && harness.Mode.PValue == 0));
        Assert.InRange(harness.Mode.QueriesUsed!.Value, 0, pool * 2);
        Assert.True(second >= 0);
    }

    [Fact]
    public void Compare_AfterTheStop_IsOnlyCountedAsLate()
    {
        var harness = new TaskHarness();
        var oracle = TruthOracle.Of(Labels(Pool, 1.0));
        harness.Compare(oracle, harness.DefinePairs(0.1, 2, Pool), _ => 0);
        var (results, asks) = (harness.Results.Count, harness.Comparisons.ToList());
        foreach (var ask in asks)
        {
            harness.Send(oracle.Compare(ask)!);
        }

        Assert.Equal(results, harness.Results.Count);
        Assert.Equal(asks.Count, harness.Statistics.Late);
        Assert.Empty(harness.Rejections);
    }

    [Theory]
    [InlineData(0.1, 7)]
    [InlineData(0.3, 200)]
    public void Compare_NoisyAnswersInAnyOrder_GiveTheOutcomeOfTheTruth(double noise, int inFlight)
    {
        var labels = Labels(Pool, 0.8, 0.2);
        var random = new Random(2);
        var harness = new TaskHarness("faces");
        harness.Compare(
            TruthOracle.Of(labels),
            harness.DefinePairs(0.02, 2, Pool, inFlight, maxQueries: 20_000, noise: noise),
            open => random.Next(open.Count),
            _ => random.NextDouble() < noise);

        // Majorities are right with probability 0.99, and then the elimination sees what it would see at half the delta without noise.
        var exact = OneByOne("faces", labels, 0.01, 2, null);
        Assert.Equal((exact.Mode, exact.Samples, exact.LeaderCount), (harness.Mode.ModeSample, harness.Mode.LabelsUsed, harness.Mode.LeaderCount));
        Assert.True(harness.Mode.QueriesUsed > 3 * exact.QueriesUsed, $"{harness.Mode.QueriesUsed} against {exact.QueriesUsed}");
        Assert.Empty(harness.Rejections);
    }

    internal static PairModeEstimator OneByOne(string task, string[] labels, double delta, int kinds, string? rule)
    {
        var draws = new DrawSequence(task, labels.Length);
        var estimator = new PairModeEstimator(kinds, delta, 1_000_000, rule);
        var bins = new Dictionary<int, int>();
        while (!estimator.IsDecided)
        {
            var sample = draws[estimator.Samples];
            if (bins.TryGetValue(sample, out var known))
            {
                estimator.Repeat(known);
                continue;
            }

            estimator.Begin(sample);
            while (estimator.Wanted is { } bin)
            {
                estimator.Answer(labels[sample] == labels[estimator.Representatives[bin]]);
            }

            bins.Add(sample, estimator.LastBin);
        }

        return estimator;
    }

    private static string[] Labels(int pool, params double[] law)
    {
        var random = new Random(42);
        return [.. Enumerable.Range(0, pool).Select(_ => $"L{Laws.Draw(law, random)}")];
    }
}
