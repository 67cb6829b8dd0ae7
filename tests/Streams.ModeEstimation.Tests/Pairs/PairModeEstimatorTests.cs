using Streams.Processors.ModeEstimation.Pairs;

namespace Streams.ModeEstimation.Tests.Pairs;

public sealed class PairModeEstimatorTests
{
    [Theory]
    [InlineData(null, 2, 0.1)]
    [InlineData(null, 3, 0.1)]
    [InlineData(null, 10, 0.1)]
    [InlineData(null, 3, 0.01)]
    [InlineData("ppr-1v1", 2, 0.1)]
    [InlineData("ppr-1v1", 3, 0.01)]
    [InlineData("os-1v1", 2, 0.1)]
    [InlineData("os-1v1", 10, 0.1)]
    [InlineData("a2", 2, 0.1)]
    public void Answer_ExactTie_RejectsADesignatedModeAtMostDeltaOften(string? rule, int labels, double delta)
    {
        // Label 0 is a mode; that it is rejected, or left without a bin when founding ends, is the event that delta bounds.
        const int Runs = 2_000;
        var law = Laws.Tie(labels);
        var random = new Random(labels + (int)(delta * 1000));
        var wronged = 0;
        for (var run = 0; run < Runs; run++)
        {
            var estimator = new PairModeEstimator(labels, delta, 1_500, rule);
            var drawn = new List<int>();
            while (!estimator.IsDecided && !estimator.IsSpent && IsModePossible(estimator, drawn))
            {
                Look(estimator, drawn, Laws.Draw(law, random));
            }

            wronged += IsModePossible(estimator, drawn) ? 0 : 1;
        }

        // At most delta, and the binomial's fourth standard deviation above it for the luck of 2,000 runs; and the rules do spend some of it.
        Assert.True(wronged <= (Runs * delta) + (4 * Math.Sqrt(Runs * delta * (1 - delta))), $"{wronged} of {Runs} wrong at delta {delta}");
        Assert.True(rule is not null || wronged > 0, "no run ever rejected the mode: the rule wastes its error probability");
    }

    [Theory]
    [InlineData("a2", "B90", 0.01, 173, 100)]
    [InlineData("a2", "B65", 0.01, 1337, 100)]
    [InlineData("ppr-1v1", "B65", 0.01, 182, 1_000)]
    [InlineData("ppr-1v1", "B90", 0.01, 17.2, 1_000)]
    [InlineData("ppr-1v1", "T60", 0.01, 192, 1_000)]
    [InlineData("ppr-1v1", "P1", 0.01, 328, 1_000)]
    [InlineData(null, "B65", 0.01, 137, 1_000)]
    [InlineData(null, "B90", 0.01, 15.6, 1_000)]
    [InlineData(null, "T60", 0.01, 156, 1_000)]
    [InlineData(null, "P1", 0.01, 284, 1_000)]
    public void Answer_PublishedLaw_TakesNoMoreThanThePublishedQueries(string? rule, string law, double delta, double published, int runs)
    {
        var random = new Random(law.Length + runs);
        var (sum, squares, wrong) = (0.0, 0.0, 0);
        for (var run = 0; run < runs; run++)
        {
            var estimator = new PairModeEstimator(Laws.Named(law).Length, delta, 1_000_000, rule);
            var drawn = new List<int>();
            while (!estimator.IsDecided && !estimator.IsSpent)
            {
                Look(estimator, drawn, Laws.Draw(Laws.Named(law), random));
            }

            sum += estimator.QueriesUsed;
            squares += (double)estimator.QueriesUsed * estimator.QueriesUsed;
            wrong += estimator.Mode is { } mode && drawn[mode] == 0 ? 0 : 1;
        }

        // The published cells are means of 1,000 runs (250 for a2), so their own sampling error counts too. The baselines must not be better than
        // published either, or they are not what they claim to be; but a2 was published without the order of comparison, which saves up to a tenth.
        var mean = sum / runs;
        var variance = (squares / runs) - (mean * mean);
        var error = Math.Sqrt((variance / runs) + (variance / (rule == "a2" ? 250 : 1_000)));
        Assert.True(mean <= published + (3 * error), $"{mean:F1} +- {error:F1} against {published}");
        Assert.True(rule is null || mean >= (published * (rule == "a2" ? 0.9 : 1)) - (3 * error), $"{mean:F1} +- {error:F1} against {published}");
        Assert.True(wrong <= (runs * delta) + (4 * Math.Sqrt(runs * delta)), $"{wrong} wrong");
    }

    [Fact]
    public void Answer_TwoLabelsKnown_TakesOneQueryASample()
    {
        var random = new Random(6);
        var estimator = new PairModeEstimator(2, 0.001, 10_000);
        var drawn = new List<int>();
        var before = 0L;
        while (!estimator.IsDecided)
        {
            var both = estimator.Representatives.Count == 2;
            Look(estimator, drawn, Laws.Draw(Laws.Named("B65"), random));
            Assert.Equal(before + (estimator.Samples == 1 ? 0 : 1), estimator.QueriesUsed);
            Assert.True(!both || estimator.LastBin != PairModeEstimator.NoBin);
            before = estimator.QueriesUsed;
        }

        Assert.Equal(drawn.Count(label => label == 0), estimator.LeaderCount);
    }

    [Fact]
    public void Begin_FirstSample_FoundsABinWithoutAQuery()
    {
        var estimator = new PairModeEstimator(2, 0.1, 100);
        estimator.Begin(17);

        Assert.Null(estimator.Wanted);
        Assert.Equal((1, 0, 1), (estimator.Samples, estimator.QueriesUsed, estimator.LeaderCount));
        Assert.Equal([17], estimator.Representatives);
        Assert.Equal(0, estimator.LastBin);
    }

    [Fact]
    public void Answer_SamplesThatFoundNoBinAnyMore_AreSeenAndNotCounted()
    {
        var estimator = new PairModeEstimator(1_000_000, 0.1, 1_000);
        estimator.Begin(0);
        while (estimator.IsFounding)
        {
            estimator.Begin((int)estimator.Samples);
            estimator.Answer(equal: estimator.Samples != 3);
            Assert.False(estimator.Wanted is not null && estimator.Left.Count == 1);
            if (estimator.Wanted is not null)
            {
                estimator.Answer(equal: false);
            }
        }

        Assert.True(estimator.IsDecided || estimator.Left.Count == 2);
        Assert.Equal(2, estimator.Representatives.Count);
        if (!estimator.IsDecided)
        {
            estimator.Begin(99);
            estimator.Answer(equal: false);
            estimator.Answer(equal: false);
            Assert.Equal(PairModeEstimator.NoBin, estimator.LastBin);
            Assert.Equal(2, estimator.Representatives.Count);
        }
    }

    [Fact]
    public void Answer_ModeRejectedAndTheRestTied_EndsWithTheBudget()
    {
        var estimator = new PairModeEstimator(3, 0.5, 2_000);
        var sample = 0;
        var drawn = new List<int>();

        // Luck that rejects label 0 at once, then a dead heat of the other two.
        while (!estimator.IsSpent)
        {
            Look(estimator, drawn, sample < 2 ? 0 : 1 + (sample % 2));
            sample++;
        }

        Assert.Equal((false, true, 2_000), (estimator.IsDecided, estimator.IsSpent, estimator.QueriesUsed));
        Assert.Equal([1, 2], estimator.Left.Select(bin => drawn[estimator.Representatives[bin]]).Order());
        Assert.Throws<InvalidOperationException>(() => estimator.Begin(5_000));
    }

    [Fact]
    public void Misuse_IsRefused()
    {
        var estimator = new PairModeEstimator(2, 0.1, 10);
        Assert.Throws<InvalidOperationException>(() => estimator.Answer(true));
        estimator.Begin(0);
        estimator.Begin(1);
        Assert.Throws<InvalidOperationException>(() => estimator.Begin(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Begin(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Repeat(1));
    }

    [Theory]
    [InlineData(1, 0.1, 10, null)]
    [InlineData(2, 0.0, 10, null)]
    [InlineData(2, 1.0, 10, "a2")]
    [InlineData(2, double.NaN, 10, "a2")]
    [InlineData(2, 0.1, 0, null)]
    [InlineData(2, 0.1, 10, "census")]
    public void Constructor_BadParameters_AreRefused(int labels, double delta, long budget, string? rule) =>
        Assert.ThrowsAny<ArgumentException>(() => new PairModeEstimator(labels, delta, budget, rule));

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.4142135)]
    [InlineData(2.0)]
    [InlineData(123.456)]
    [InlineData(4e12)]
    public void Logarithm_EqualsTheLibrarys(double x) => Assert.Equal(Math.Log(x), EmpiricalBernsteinElimination.Logarithm(x), 1e-13);

    private static void Look(PairModeEstimator estimator, List<int> drawn, int label)
    {
        drawn.Add(label);
        estimator.Begin(drawn.Count - 1);
        while (estimator.Wanted is { } bin && !estimator.IsSpent)
        {
            estimator.Answer(label == drawn[estimator.Representatives[bin]]);
        }
    }

    private static bool IsModePossible(PairModeEstimator estimator, List<int> drawn)
    {
        var isLeft = estimator.Left.Any(bin => drawn[estimator.Representatives[bin]] == 0);
        return isLeft || (estimator.IsFounding && estimator.Representatives.All(sample => drawn[sample] != 0));
    }
}
