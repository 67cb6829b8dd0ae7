using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.ModeEstimation.Tests.Stopping;

public sealed class ToleranceRuleTests
{
    /// <summary>Labels at exact ties, delta 0.01, as measured independently for the project's design page (d.4).</summary>
    [Theory]
    [InlineData(0.1, new[] { 0.5, 0.5 }, 162)]
    [InlineData(0.05, new[] { 0.5, 0.5 }, 738)]
    [InlineData(0.02, new[] { 0.5, 0.5 }, 5357)]
    [InlineData(0.1, new[] { 0.4, 0.4, 0.2 }, 239)]
    [InlineData(0.05, new[] { 0.4, 0.4, 0.2 }, 1078)]
    public void Relative_ExactTie_EndsAfterThePublishedNumberOfLabels(double epsilon, double[] law, double published)
    {
        var (mean, error) = MeanLabels(law, counts => new RelativeToleranceRule(epsilon, law.Length, 0.01, counts), 300);

        // The published figure has an error of its own.
        Assert.True(Math.Abs(mean - published) <= 3 * Math.Sqrt(2) * error, $"{mean:F0} +- {error:F0} against {published}");
    }

    [Theory]
    [InlineData(0.1, new[] { 0.5, 0.5 })]
    [InlineData(0.05, new[] { 0.4, 0.4, 0.2 })]
    [InlineData(0.05, new[] { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 })]
    public void Absolute_ExactTie_EndsAfterAboutAsManyLabelsAsItsFormulaSays(double epsilon, double[] law)
    {
        var (mean, error) = MeanLabels(law, counts => new AbsoluteToleranceRule(epsilon, law.Length, 0.01, counts), 200);

        // 4 p ln((K-1)/delta)/epsilon^2 for one pair and the best lambda. The lead that the race gives helps; the mean over lambda costs.
        var formula = 4 * law[0] * Math.Log((law.Length - 1) / 0.01) / (epsilon * epsilon);
        Assert.InRange(mean, 0.3 * formula, 1.2 * formula);
        Assert.True(error < 0.1 * mean, $"{mean:F0} +- {error:F0}");
    }

    /// <summary>The worst label that may not be named is a hair beyond the tolerance; at delta 0.1 naming it is rare, and not impossible.</summary>
    [Theory]
    [InlineData(false, new[] { 0.55, 0.45 })]
    [InlineData(false, new[] { 0.3, 0.2, 0.2, 0.1, 0.1, 0.1 })]
    [InlineData(true, new[] { 0.6, 0.4 })]
    [InlineData(true, new[] { 0.3, 0.2, 0.2, 0.1, 0.1, 0.1 })]
    public void IsReached_LabelJustBeyondTheTolerance_IsNamedAtMostDeltaOften(bool isRelative, double[] law)
    {
        const double Delta = 0.1;
        const int Runs = 2_000;
        var random = new Random(law.Length);
        var wrong = 0;
        for (var run = 0; run < Runs; run++)
        {
            var counts = new TopTwo();
            IToleranceRule rule = isRelative
                ? new RelativeToleranceRule(0.1, law.Length, Delta, counts)
                : new AbsoluteToleranceRule(0.1, law.Length, Delta, counts);
            while (!rule.IsReached)
            {
                counts.Add(Laws.Draw(law, random));
            }

            wrong += counts.Leader == 0 ? 0 : 1;
        }

        Assert.InRange(wrong, 1, (Runs * Delta) + (4 * Math.Sqrt(Runs * Delta * (1 - Delta))));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.013)]
    [InlineData(0.49)]
    public void Needed_AnyTolerance_IsTheLeastLeaderCountOfTheClosedForm(double epsilon)
    {
        var tolerance = Ratio.FromDecimal(epsilon);
        var floor = new Ratio(tolerance.Denominator - (2 * tolerance.Numerator), 2 * tolerance.Denominator);
        var threshold = Boundary.Threshold(3, 0.01);
        var boundary = new Boundary(floor, threshold);
        for (var b = 0; b < 120; b++)
        {
            boundary.AdvanceTo(b);
            Assert.True(Boundary.ReachedExactly(true, floor, threshold, boundary.Needed, b), $"a*({b}) = {boundary.Needed} stops too early");
            Assert.False(Boundary.ReachedExactly(true, floor, threshold, boundary.Needed - 1, b), $"a*({b}) = {boundary.Needed} stops too late");
        }
    }

    [Fact]
    public void LeaderNeeded_OnlyTheLeaderComes_IsWhereItIsReached()
    {
        var random = new Random(1);
        foreach (var isRelative in new[] { false, true })
        {
            var counts = new TopTwo();
            IToleranceRule rule = isRelative ? new RelativeToleranceRule(0.05, 3, 0.01, counts) : new AbsoluteToleranceRule(0.05, 3, 0.01, counts);
            for (var n = 0; n < 100; n++)
            {
                counts.Add(random.Next(3));
            }

            var needed = rule.LeaderNeeded;
            while (!rule.IsReached)
            {
                Assert.Equal(needed, rule.LeaderNeeded);
                counts.Add(counts.Leader);
            }

            Assert.Equal(needed, counts.First);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void Constructor_ToleranceOutOfRange_IsRefused(double epsilon)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AbsoluteToleranceRule(epsilon, 2, 0.1, new TopTwo()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RelativeToleranceRule(epsilon / 2, 2, 0.1, new TopTwo()));
    }

    private static (double Mean, double StandardError) MeanLabels(double[] law, Func<TopTwo, IToleranceRule> create, int runs)
    {
        var random = new Random(5);
        var totals = new double[runs];
        for (var run = 0; run < runs; run++)
        {
            var counts = new TopTwo();
            var rule = create(counts);
            while (!rule.IsReached)
            {
                counts.Add(Laws.Draw(law, random));
            }

            totals[run] = counts.Total;
        }

        var mean = totals.Average();
        return (mean, Math.Sqrt(totals.Sum(total => (total - mean) * (total - mean)) / (runs - 1) / runs));
    }
}
