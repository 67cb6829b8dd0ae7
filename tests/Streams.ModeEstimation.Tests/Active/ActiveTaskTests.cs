using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Active;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.Active;

public sealed class ActiveTaskTests
{
    private const int Pool = 5_000;

    [Fact]
    public void Define_WithPool_AsksAboutTheFirstDrawsInOrder()
    {
        var harness = new TaskHarness("road-signs");
        var asks = harness.Define(0.01, 3, Pool, inFlight: 5);

        var draws = new DrawSequence("road-signs", Pool);
        Assert.Equal(Enumerable.Range(0, 5).Select(n => (int?)draws[n]), asks.Select(query => query.Sample));
        Assert.Equal([0L, 1L, 2L, 3L, 4L], asks.Select(query => query.Query!.Value));
        Assert.All(asks, query => Assert.Equal(new LabelProgress(0, null, 0, 0, new ModeEstimator(3, 0.01).LeaderNeeded), query.Progress));
    }

    [Theory]
    [InlineData("first")]
    [InlineData("last")]
    [InlineData("random")]
    [InlineData("leaders-late")]
    public void Answer_AnyOrderOfAnswers_CountsTheDrawsInDrawOrder(string order)
    {
        var labels = Labels(Pool, 0.45, 0.3, 0.25);
        var oracle = TruthOracle.Of(labels);
        var random = new Random(11);
        var harness = new TaskHarness("road-signs");
        harness.Answer(oracle, harness.Define(0.01, 3, Pool), open => order switch
        {
            "first" => 0,
            "last" => open.Count - 1,
            "random" => random.Next(open.Count),
            _ => open.ToList().FindIndex(query => labels[query.Sample!.Value] != "L0") is var at && at >= 0 ? at : 0,
        });

        // What a sequential run over the draws gives, without any queue.
        var draws = new DrawSequence("road-signs", Pool);
        var estimator = new ModeEstimator(3, 0.01);
        for (var n = 0; !estimator.Decided; n++)
        {
            estimator.Add(labels[draws[n]][1] - '0');
        }

        var mode = harness.Mode;
        Assert.Equal((LabelModeStatus.Decided, "L" + estimator.Leader, 0.01, "leader-betting-mix/1"), (mode.Status, mode.Mode, mode.Delta, mode.Rule));
        Assert.Equal((estimator.Counted, estimator.LeaderCount, estimator.RunnerUpCount), (mode.LabelsUsed, mode.LeaderCount, mode.RunnerUpCount));
        Assert.Equal((estimator.LogEValue, estimator.PValue), (mode.LogEValue, mode.PValue));
        Assert.Equal(harness.Asks.Count(), mode.LabelsAsked);
        Assert.Equal(Pool - mode.LabelsAsked, mode.LabelsSaved);
        Assert.InRange(mode.LabelsAsked, Enumerable.Range(0, (int)mode.LabelsUsed).Select(n => draws[n]).Distinct().Count(), mode.LabelsUsed + 32);
        Assert.Equal(harness.Asks.Count(), harness.Asks.Select(query => query.Sample).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, (int)mode.LabelsAsked).Select(n => (long?)n), harness.Asks.Select(query => query.Query));
        Assert.Equal(LabelQueryKind.Stop, harness.Queries[^1].Kind);
        Assert.Equal(new LabelProgress(mode.LabelsUsed, mode.Mode, mode.LeaderCount, mode.RunnerUpCount, mode.LeaderCount), harness.Queries[^1].Progress);
        Assert.Empty(harness.Rejections);
    }

    [Fact]
    public void Answer_NearTieInThePool_NamesTheWrongLabelAtMostDeltaOften()
    {
        // 2,500 and 2,501 of 5,001: as hard as a tie, and with a truth.
        const int Runs = 400;
        var oracle = TruthOracle.Of(Enumerable.Range(0, 5_001).Select(i => i % 2 == 0 ? "right" : "wrong"));
        var random = new Random(3);
        var (wrong, decided) = (0, 0);
        for (var run = 0; run < Runs; run++)
        {
            var harness = new TaskHarness($"run-{run}");
            harness.Answer(oracle, harness.Define(0.1, 2, 5_001, inFlight: 4, maxLabels: 150), open => random.Next(open.Count));
            decided += harness.Mode.Status == LabelModeStatus.Decided ? 1 : 0;
            wrong += harness.Mode is { Status: LabelModeStatus.Decided, Mode: "wrong" } ? 1 : 0;
        }

        Assert.True(wrong <= (Runs * 0.1) + (4 * Math.Sqrt(Runs * 0.09)), $"{wrong} of {Runs} wrong");
        Assert.True(decided > 0, "no run decided: nothing was tried");
    }

    [Fact]
    public void Answer_TheSameTwice_IsIgnoredAndCounted()
    {
        var harness = new TaskHarness();
        var ask = harness.Define(0.01, 3, Pool)[2];
        harness.Send($"{ask.Sample}", "a", ask.Query);
        var again = harness.Send($"{ask.Sample}", "a", ask.Query).Concat(harness.Send($"{ask.Sample}", "b", ask.Query)).Concat(harness.Send($"{ask.Sample}", "c"));

        Assert.Empty(again);
        Assert.Equal(new LabelTaskStatistics(3, 2, 0), harness.Statistics);
        Assert.Empty(harness.Rejections);

        // The contradicting labels left no trace: two more different ones still fit into K = 3.
        var open = harness.Asks.Where(query => query != ask).ToList();
        harness.Send($"{open[0].Sample}", "x", open[0].Query);
        harness.Send($"{open[1].Sample}", "y", open[1].Query);
        Assert.Empty(harness.Rejections);
    }

    [Fact]
    public void Answer_OutOfTurn_WaitsUntilTheEarlierOneComes()
    {
        var harness = new TaskHarness();
        var asks = harness.Define(0.01, 3, Pool, inFlight: 3);
        var next = harness.Send($"{asks[1].Sample}", "b", 1);
        Assert.Equal(0, Assert.Single(next).Progress.Labels);
        next = harness.Send($"{asks[0].Sample}", "a", 0);
        Assert.Equal(new LabelProgress(2, "a", 1, 1, 15), Assert.Single(next).Progress);
    }

    [Fact]
    public void Answer_OneQueryNeverAnswered_StopsAskingAfterTheDeclaredLookAhead()
    {
        var harness = new TaskHarness(options: new ModeEstimationOptions { AnswersAhead = 3 });
        var oracle = TruthOracle.Of(Labels(Pool, 1.0));
        var asks = harness.Define(0.01, 2, Pool, inFlight: 8, rule: "ppr-1v1");
        harness.Answer(oracle, asks.Skip(1), _ => 0);

        Assert.Empty(harness.Modes);
        Assert.Equal(24, harness.Asks.Count());
        harness.Send(oracle.Answer(asks[0])!);
        Assert.Equal((LabelModeStatus.Decided, 11L), (harness.Mode.Status, harness.Mode.LabelsUsed));
    }

    [Fact]
    public void Define_Again_AsksAgainWhatHasNoAnswer()
    {
        var harness = new TaskHarness();
        var asks = harness.Define(0.01, 3, Pool, inFlight: 4);
        harness.Send($"{asks[2].Sample}", "a", 2);
        harness.Restart();
        var again = harness.Define(0.01, 3, Pool, inFlight: 4);

        Assert.Equal([0L, 1L, 3L, 4L], again.Select(query => query.Query!.Value));
        Assert.Equal(asks.Select(query => query.Sample).Where((_, n) => n != 2), again.Take(3).Select(query => query.Sample));
        Assert.Equal(again, harness.Define(0.01, 3, Pool, inFlight: 4));
        Assert.Empty(harness.Rejections);
    }

    /// <summary>Every third question gets lost on its way; what is asked again when nothing comes any more ends the task where a loss-free run does.</summary>
    [Fact]
    public void Define_AgainAfterLosses_EndsAsWithoutThem()
    {
        var oracle = TruthOracle.Of(Labels(Pool, 0.5, 0.3, 0.2));
        var faithful = new TaskHarness();
        faithful.Answer(oracle, faithful.Define(0.01, 3, Pool), _ => 0);

        var (lossy, sent) = (new TaskHarness(), 0);
        while (lossy.Modes.Count == 0)
        {
            Assert.InRange(lossy.Log.Count, 0, 10_000);
            var open = new Queue<LabelQuery>(lossy.Define(0.01, 3, Pool));
            while (open.TryDequeue(out var query) && lossy.Modes.Count == 0)
            {
                foreach (var next in sent++ % 3 == 2 ? [] : lossy.Send(oracle.Answer(query)!).Where(next => next.Kind == LabelQueryKind.Ask))
                {
                    open.Enqueue(next);
                }
            }
        }

        Assert.Equal(faithful.Mode with { LabelsAsked = 0, LabelsSaved = 0, LastOffset = 0 }, lossy.Mode with { LabelsAsked = 0, LabelsSaved = 0, LastOffset = 0 });
        Assert.Empty(lossy.Rejections);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(16, null)]
    [InlineData(16, "leader-betting")]
    public void Answer_AskOnlyWhatIsNeeded_EveryAskedLabelIsCounted(int inFlight, string? rule)
    {
        var harness = new TaskHarness(options: new ModeEstimationOptions { AskOnlyWhatIsNeeded = true });
        var random = new Random(1);
        var asks = harness.Define(0.01, 2, 1_000_000, inFlight, rule: rule);
        harness.Answer(TruthOracle.Of(Labels(1_000_000, 0.65, 0.35)), asks, open => random.Next(open.Count));

        Assert.Equal(Math.Min(inFlight, (int)asks[0].Progress.LeaderNeeded!.Value), asks.Count);
        Assert.Equal(LabelModeStatus.Decided, harness.Mode.Status);
        Assert.InRange(harness.Mode.LabelsAsked, 9, harness.Mode.LabelsUsed);
    }

    [Fact]
    public void Send_LabelsThatNobodyAskedFor_AreUsedWhenTheirDrawComes()
    {
        var labels = Labels(200, 0.7, 0.3);
        var asked = Run(volunteered: 0);
        var helped = Run(volunteered: 100);

        Assert.Equal((asked.Mode, asked.LabelsUsed, asked.LeaderCount), (helped.Mode, helped.LabelsUsed, helped.LeaderCount));
        Assert.True(helped.LabelsAsked < asked.LabelsAsked, $"{helped.LabelsAsked} against {asked.LabelsAsked}");

        LabelMode Run(int volunteered)
        {
            var harness = new TaskHarness("pool");
            var asks = harness.Define(0.01, 2, 200, inFlight: 1);
            for (var sample = 0; sample < volunteered; sample++)
            {
                if (sample != asks[0].Sample)
                {
                    Assert.Empty(harness.Send($"{sample}", labels[sample]));
                }
            }

            harness.Answer(TruthOracle.Of(labels), asks, _ => 0);
            return harness.Mode;
        }
    }

    [Fact]
    public void Answer_BudgetSpent_AbstainsOnceAndAsksNoMore()
    {
        var harness = new TaskHarness();
        harness.Answer(TruthOracle.Of(Labels(Pool, 0.5, 0.5)), harness.Define(1e-9, 2, Pool, inFlight: 8, maxLabels: 40), open => open.Count - 1);

        Assert.Equal((LabelModeStatus.Abstain, 40L), (harness.Mode.Status, harness.Mode.LabelsUsed));
        Assert.InRange(harness.Mode.LabelsAsked, 1, 40);
        Assert.Equal(1, harness.Mode.PValue);
    }

    [Theory]
    [InlineData(1, 1, 0, LabelModeStatus.Decided)]
    [InlineData(2, 1, 1, LabelModeStatus.Abstain)]
    [InlineData(5, 3, 2, LabelModeStatus.Decided)]
    [InlineData(60, 30, 30, LabelModeStatus.Abstain)]
    [InlineData(61, 31, 30, LabelModeStatus.Decided)]
    public void Answer_SmallPool_IsSettledByCountingIt(int pool, int first, int second, LabelModeStatus status)
    {
        var harness = new TaskHarness();
        var oracle = TruthOracle.Of(Enumerable.Range(0, pool).Select(i => i < first ? "a" : "b"));
        harness.Answer(oracle, harness.Define(1e-12, 2, pool), _ => 0);

        Assert.Equal((status, "census/1"), (harness.Mode.Status, harness.Mode.Rule));
        Assert.Equal(status == LabelModeStatus.Decided ? 0 : 1, harness.Mode.PValue);
        Assert.InRange(harness.Mode.LeaderCount, 1, first);
        Assert.InRange(harness.Mode.RunnerUpCount, 0, second);
        Assert.True(status == LabelModeStatus.Abstain || harness.Mode.Mode == "a");
    }

    [Fact]
    public void Answer_PoolWithOneLabel_EndsAsSoonAsTheRestCannotOvertake()
    {
        var harness = new TaskHarness();
        harness.Answer(TruthOracle.Of(Labels(20, 1.0)), harness.Define(1e-12, 2, 20, inFlight: 1), _ => 0);

        Assert.Equal((11L, 9L, "census/1"), (harness.Mode.LabelsAsked, harness.Mode.LabelsSaved, harness.Mode.Rule));
    }

    [Fact]
    public void Answer_AfterTheStop_IsOnlyCountedAsLate()
    {
        var harness = new TaskHarness();
        harness.Answer(TruthOracle.Of(Labels(Pool, 1.0)), harness.Define(0.1, 2, Pool), _ => 0);
        var (results, asks) = (harness.Results.Count, harness.Asks.ToList());
        foreach (var ask in asks)
        {
            harness.Send($"{ask.Sample}", "L0", ask.Query);
        }

        harness.Restart();
        harness.Send("9999999", "b", 77);
        Assert.Equal(results, harness.Results.Count);
        Assert.Equal(asks.Count + 1, harness.Statistics.Late);
        Assert.Empty(harness.Rejections);
    }

    private static string[] Labels(int pool, params double[] law)
    {
        // The shares exactly, shuffled by a fixed seed: the order of a pool must not matter.
        var labels = new string[pool];
        var (at, share) = (0, 0.0);
        for (var label = 0; label < law.Length; label++)
        {
            share += law[label];
            for (; at < Math.Round(share * pool); at++)
            {
                labels[at] = $"L{label}";
            }
        }

        new Random(42).Shuffle(labels);
        return labels;
    }
}
