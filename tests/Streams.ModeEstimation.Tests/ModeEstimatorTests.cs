using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests;

public sealed class ModeEstimatorTests
{
    [Theory]
    [InlineData("ppr-1v1", "B65", 0.01, 143, 0.5)]
    [InlineData("ppr-1v1", "B90", 0.01, 17.6, 0.05)]
    [InlineData("ppr-1v1", "T60", 0.01, 140, 0.5)]
    [InlineData("ppr-1v1", "F35", 0.01, 1005, 0.5)]
    [InlineData("ppr-1v1", "P1", 0.01, 207, 0.5)]
    [InlineData("ppr-1v1", "B65", 0.1, 82.744, 0.206)]
    public void Add_PublishedLaw_StopsAfterThePublishedNumberOfSamplesOnAverage(string rule, string law, double delta, double published, double publishedError)
    {
        // The published cells are means of 1,000 runs (100,000 for the last), so their own sampling error counts too.
        const int Runs = 2_000;
        var publishedRuns = law == "B65" && delta == 0.1 ? double.PositiveInfinity : 1_000;
        var (mean, deviation, wrong) = Run(rule, law, delta, Runs);

        var error = Math.Sqrt((deviation * deviation / Runs) + (deviation * deviation / publishedRuns) + (publishedError * publishedError));
        Assert.True(Math.Abs(mean - published) <= 3 * error, $"{mean:F2} +- {error:F2} against {published}");
        Assert.True(wrong <= (Runs * delta) + (4 * Math.Sqrt(Runs * delta)), $"{wrong} wrong");
    }

    /// <summary>Means and standard errors of 100 runs in the data that accompany Jain et al. (github.com/rohanshah13/mode-estimation, folder data).</summary>
    [Theory]
    [InlineData("a1-1v1", "B65", 0.01, 929.83, 17.65)]
    [InlineData("a1-1v1", "T60", 0.01, 884.09, 16.67)]
    [InlineData("ppr-1vr", "B65", 0.01, 164.42, 9.11)]
    [InlineData("klsn-1v1", "B65", 0.1, 217.28, 9.87)]
    [InlineData("klsn-1v1", "B65", 0.01, 265.94, 11.35)]
    [InlineData("klsn-1v1", "B90", 0.01, 30.55, 1.10)]
    [InlineData("klsn-1v1", "T60", 0.01, 253.95, 9.98)]
    public void Add_BaselineRule_StopsAfterAsManySamplesAsTheAuthorsMeasured(string rule, string law, double delta, double published, double publishedError)
    {
        const int Runs = 500;
        var (mean, deviation, _) = Run(rule, law, delta, Runs);

        var error = Math.Sqrt((deviation * deviation / Runs) + (publishedError * publishedError));
        Assert.True(Math.Abs(mean - published) <= 3 * error, $"{mean:F2} +- {error:F2} against {published}");
    }

    /// <summary>The project's published figures for A1 and the default.</summary>
    [Theory]
    [InlineData("a1", "T60", 954)]
    [InlineData("leader-betting-mix", "B65", 137)]
    [InlineData("leader-betting-mix", "B90", 18.1)]
    [InlineData("leader-betting-mix", "T60", 125)]
    [InlineData("leader-betting-mix", "P1", 186)]
    public void Add_PublishedLaw_AsksForNoMoreThanThePublishedNumberOfSamples(string rule, string law, double published)
    {
        const int Runs = 500;
        var (mean, deviation, wrong) = Run(rule, law, 0.01, Runs);

        // Means of 1,000 runs (A1: 250) stand behind the figures.
        var error = deviation * Math.Sqrt((1.0 / Runs) + (rule == "a1" ? 1 / 250.0 : 1 / 1000.0));
        Assert.True(mean <= published + (2.5 * error), $"{mean:F2} +- {error:F2} against {published}");
        Assert.True(wrong <= (Runs * 0.01) + (4 * Math.Sqrt(Runs * 0.01)), $"{wrong} wrong");
    }

    [Theory]
    [InlineData("os-1v1", "B65", 0.01, 0.04)]
    [InlineData("os-1v1", "B65", 0.1, 0.06)]
    [InlineData("os-1v1", "P1", 0.01, 0.03)]
    [InlineData("leader-betting", "B65", 0.01, 0.07)]
    [InlineData("leader-betting", "T60", 0.01, 0.14)]
    [InlineData("leader-betting", "P1", 0.01, 0.09)]
    [InlineData("leader-betting", "P1", 0.1, 0.15)]
    public void Add_SharperRule_AsksForFewerSamplesThanPpr(string rule, string law, double delta, double saving)
    {
        var ppr = Run("ppr-1v1", law, delta, 2_000);
        var sharper = Run(rule, law, delta, 2_000);

        Assert.True(sharper.Mean < ppr.Mean * (1 - saving), $"{sharper.Mean:F1} against {ppr.Mean:F1}");
    }

    [Fact]
    public void LogEValue_AtTheStop_AgreesWithTheThreshold()
    {
        foreach (var rule in new[] { "ppr-1v1", "os-1v1" })
        {
            var random = new Random(5);
            for (var run = 0; run < 200; run++)
            {
                var estimator = new ModeEstimator(4, 0.05, rule);
                while (!estimator.Decided)
                {
                    Assert.True(estimator.LogEValue < Math.Log(60) + 1e-5);
                    estimator.Add(Laws.Draw(Laws.Named("F35"), random));
                }

                Assert.True(estimator.LogEValue >= Math.Log(60) - 1e-5, $"{rule}: {estimator.LogEValue}");
                Assert.InRange(estimator.PValue, 0, 0.05 * 1.00001);
            }
        }
    }

    [Theory]
    [InlineData("ppr-1v1", 11, 0, 2048.0 / 12)]
    [InlineData("ppr-1v1", 2, 1, 8.0 / 12)]
    [InlineData("os-1v1", 1, 0, 1.5)]
    [InlineData("os-1v1", 2, 1, 11.0 / 12)]
    public void LogEValue_SmallCounts_IsTheClosedForm(string rule, int leader, int runnerUp, double eValue)
    {
        var estimator = new ModeEstimator(2, 1e-9, rule);
        for (var i = 0; i < leader; i++)
        {
            estimator.Add(0);
        }

        for (var i = 0; i < runnerUp; i++)
        {
            estimator.Add(1);
        }

        Assert.Equal(Math.Log(eValue), estimator.LogEValue, 1e-6);
        Assert.Equal(Math.Min(1, 1 / eValue), estimator.PValue, 1e-5);
    }

    [Fact]
    public void IsRejected_AnyRule_LeavesOneLabelJustWhenItDecides()
    {
        foreach (var rule in LabelRules.All)
        {
            var random = new Random(9);
            var estimator = new ModeEstimator(6, 0.05, rule);
            var widest = 0;
            while (!estimator.Decided)
            {
                estimator.Add(Laws.Draw(Laws.Named("F35"), random));
                var left = Enumerable.Range(0, 6).Where(label => !estimator.IsRejected(label)).ToList();
                widest = Math.Max(widest, left.Count);
                Assert.Contains(estimator.Leader, left);
                Assert.Equal(estimator.Decided, left.Count == 1);
            }

            Assert.True(widest == 6, $"{rule} began with {widest} of 6 labels");
        }
    }

    [Fact]
    public void Add_LabelsSeenBefore_AllocatesNothing()
    {
        foreach (var rule in LabelRules.All)
        {
            // The first task of a kind extends the boundary that all share.
            foreach (var isFirst in new[] { true, false })
            {
                var random = new Random(6);
                var estimator = new ModeEstimator(10, 1e-12, rule);
                Feed(estimator, random, 1_000);
                var before = GC.GetAllocatedBytesForCurrentThread();
                Feed(estimator, random, 5_000);
                Assert.True(isFirst || GC.GetAllocatedBytesForCurrentThread() == before, rule);
            }
        }

        static void Feed(ModeEstimator estimator, Random random, int count)
        {
            for (var n = 0; n < count; n++)
            {
                estimator.Add(random.Next(10));
            }
        }
    }

    [Fact]
    public void Add_AfterTheDecision_IsRefused()
    {
        var estimator = new ModeEstimator(2, 0.5, "ppr-1v1");
        while (!estimator.Add(1))
        {
        }

        Assert.Equal((3, 1, 3), (estimator.Counted, estimator.Leader, estimator.LeaderNeeded));
        Assert.Throws<InvalidOperationException>(() => estimator.Add(1));
    }

    /// <summary>A decision is part of what is restored, whether it was given already or waits for the task's least number of labels.</summary>
    [Fact]
    public void RestoreRule_AfterEveryLabel_StandsAndGoesOnAsTheOneSaved()
    {
        foreach (var rule in LabelRules.All)
        {
            var random = new Random(11);
            var estimator = new ModeEstimator(Task, rule, new TopTwo());
            while (true)
            {
                var restored = Restored(estimator);
                Assert.Equal(Standing(estimator), Standing(restored));
                if (estimator.Decided)
                {
                    break;
                }

                var label = Laws.Draw(Laws.Named("F35"), random);
                Assert.Equal(estimator.Add(label), restored.Add(label));
                Assert.Equal(Standing(estimator), Standing(restored));
            }
        }

        static (long, int?, long, double, double) Standing(ModeEstimator one) => (one.Counted, one.Mode, one.LeaderNeeded, one.LogEValue, one.PValue);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Add_LabelOutOfRange_IsRefused(int label) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModeEstimator(2, 0.1).Add(label));

    [Theory]
    [InlineData(1, 0.1, null)]
    [InlineData(2, 0.0, null)]
    [InlineData(2, 1.0, null)]
    [InlineData(2, double.NaN, null)]
    [InlineData(2, 0.1, "quorum")]
    public void Constructor_BadParameters_AreRefused(int labels, double delta, string? rule) =>
        Assert.ThrowsAny<ArgumentException>(() => new ModeEstimator(labels, delta, rule));

    private static LabelTask Task { get; } = new("t", 0.2, 6) { MinLabels = 400 };

    private static ModeEstimator Restored(ModeEstimator estimator)
    {
        using var saved = new MemoryStream();
        using var writer = new BinaryWriter(saved);
        estimator.SaveRule(writer);
        saved.Position = 0;
        using var reader = new BinaryReader(saved);
        var restored = new ModeEstimator(Task, estimator.Rule.Split('/')[0], TopTwo.Restore([.. estimator.Counts.Counts], estimator.Leader));
        restored.RestoreRule(reader);
        return restored;
    }

    private static (double Mean, double Deviation, int Wrong) Run(string rule, string law, double delta, int runs)
    {
        var shares = Laws.Named(law);
        var random = new Random(HashCode(rule + law, shares.Length, delta));
        var (sum, squares, wrong) = (0.0, 0.0, 0);
        for (var run = 0; run < runs; run++)
        {
            var estimator = new ModeEstimator(shares.Length, delta, rule);
            while (!estimator.Add(Laws.Draw(shares, random)))
            {
            }

            sum += estimator.Counted;
            squares += (double)estimator.Counted * estimator.Counted;
            wrong += estimator.Mode != 0 ? 1 : 0;
        }

        var mean = sum / runs;
        return (mean, Math.Sqrt((squares / runs) - (mean * mean)), wrong);
    }

    /// <summary>A seed that is the same in each run of the tests, which <see cref="object.GetHashCode"/> of a string is not.</summary>
    private static int HashCode(string text, int labels, double delta) =>
        text.Aggregate(labels + (int)(delta * 1000), (hash, character) => unchecked((hash * 31) + character));
}
