using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.ModeEstimation.Tests.Stopping;

/// <summary>The rules to compare with, against their definitions: every pair of labels looked at after every label, with the runtime's logarithms.</summary>
public sealed class BaselineRuleTests
{
    [Theory]
    [InlineData("a1", 3, 0.1)]
    [InlineData("a1", 6, 0.3)]
    [InlineData("a1-1v1", 3, 0.1)]
    [InlineData("a1-1v1", 6, 0.3)]
    [InlineData("klsn-1v1", 3, 0.1)]
    [InlineData("klsn-1v1", 6, 0.3)]
    [InlineData("ppr-1vr", 3, 0.1)]
    [InlineData("ppr-1vr", 6, 0.3)]
    [InlineData("os-rank", 3, 0.1)]
    [InlineData("os-rank", 6, 0.3)]
    public void Add_RandomStreams_StopsWhereTheDefinitionDoes(string rule, int labels, double delta)
    {
        var stops = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var law = Enumerable.Range(0, labels).Select(_ => Math.Pow(random.NextDouble(), 3)).ToArray();
            var sum = law.Sum();
            law = [.. law.Select(share => share / sum)];
            var estimator = new ModeEstimator(labels, delta, rule);
            var counts = new long[labels];
            var ranks = new int[labels];
            for (var n = 0; n < 3_000 && !estimator.Decided; n++)
            {
                var label = Laws.Draw(law, random);
                ranks[label] = ranks[label] == 0 ? ranks.Max() + 1 : ranks[label];
                counts[label]++;
                estimator.Add(label);
                var winner = Enumerable.Range(0, labels).FirstOrDefault(
                    first => Enumerable.Range(0, labels).All(second => second == first || Beats(rule, counts, ranks, first, second, delta)), -1);
                Assert.Equal(winner, estimator.Mode ?? -1);
            }

            stops += estimator.Decided ? 1 : 0;
        }

        Assert.InRange(stops, 10, 20);
    }

    /// <summary>
    /// The boundaries of these two rules are made by logarithms. No count comes nearer to their condition than a thousand times what rounding
    /// can do, so the whole numbers that decide are the exact ones.
    /// </summary>
    [Theory]
    [InlineData("a1-1v1", 2, 0.01)]
    [InlineData("a1-1v1", 10, 0.1)]
    [InlineData("klsn-1v1", 2, 0.01)]
    [InlineData("klsn-1v1", 10, 0.1)]
    public void Table_FirstTenThousand_IsNotDecidedByRounding(string rule, int labels, double delta)
    {
        var table = PairStatistics.Table(rule, Boundary.Threshold(labels, delta));
        for (var b = 0L; b < 10_000; b++)
        {
            var a = table[b];
            Assert.True(Margin(rule, a, b, (labels - 1) / delta) > 1e-10, $"a*({b}) = {a}");
            Assert.True(a - 1 <= b || Margin(rule, a - 1, b, (labels - 1) / delta) < -1e-10, $"a*({b}) = {a}");
        }
    }

    [Fact]
    public void Needed_RunnerUpBeyondTheTable_WalksOn()
    {
        var table = PairStatistics.Table("klsn-1v1", Boundary.Threshold(2, 0.05));
        var boundary = new LeaderBoundary(table);
        var last = boundary.Needed(BoundaryTable.MaxEntries - 1);
        var next = boundary.Needed(BoundaryTable.MaxEntries);
        Assert.InRange(next - last, 0, 2);
        Assert.True(Margin("klsn-1v1", next, BoundaryTable.MaxEntries, 20) > 0);
        Assert.True(Margin("klsn-1v1", next - 1, BoundaryTable.MaxEntries, 20) <= 0);
        Assert.InRange(boundary.Needed(BoundaryTable.MaxEntries + 1_000) - next, 1_000, 1_010);
        Assert.Equal(last, boundary.Needed(BoundaryTable.MaxEntries - 1));
    }

    [Theory]
    [InlineData(new[] { 4, 4, 4 }, 1)]
    [InlineData(new[] { 0, 4, 4, 4 }, 2)]
    [InlineData(new[] { 0, 1, 2, 4, 4 }, 4)]
    public void OneSidedRank_ALabelSeenLate_PaysForIt(int[] labels, int rank)
    {
        var estimator = new ModeEstimator(1_000_000, 0.01, "os-rank");
        Assert.All(labels, label => Assert.False(estimator.Add(label)));
        while (!estimator.Add(4))
        {
        }

        var runnerUp = estimator.RunnerUpCount;
        var boundary = new Boundary(PairPrior.UpperHalf, Boundary.Threshold((System.Numerics.BigInteger)(rank * (rank + 1)), 0.01));
        boundary.AdvanceTo(runnerUp);
        Assert.Equal(boundary.Needed + 1, estimator.LeaderCount);
    }

    private static bool Beats(string rule, long[] counts, int[] ranks, int first, int second, double delta)
    {
        var (labels, total) = (counts.Length, counts.Sum());
        var (a, b) = (counts[first], counts[second]);
        return rule switch
        {
            "a1" => total > 1 && (a / (double)total) - Radius(a, total, labels, delta) > (b / (double)total) + Radius(b, total, labels, delta),
            "ppr-1vr" => Lower(a, total, labels / delta) > 1 - Lower(total - b, total, labels / delta),
            "os-rank" => ranks[first] > 0 && a > b && BeatsByRank(a - 1, b, ranks[first], delta),
            _ => a > b && a + b > 2 && Margin(rule, a, b, (labels - 1) / delta) > 0,
        };
    }

    private static bool BeatsByRank(long a, long b, long rank, double delta)
    {
        var threshold = Boundary.Threshold((System.Numerics.BigInteger)(rank * (rank + 1)), delta);

        // Whole numbers are slow; they are asked where the logarithm leaves room for doubt.
        var spare = Evidence.Log(PairPrior.UpperHalf, a, b) - PortableMath.Log(threshold);
        return spare > 0.01 || (spare > -0.01 && Boundary.ReachedExactly(true, new Ratio(1, 2), threshold, a, b));
    }

    private static double Radius(double count, double total, double labels, double delta)
    {
        var log = Math.Log(4 * labels * total * total / delta);
        return Math.Sqrt(2 * (count * (total - count) / (total * (total - 1))) * log / total) + (7 * log / (3 * (total - 1)));
    }

    /// <summary>Lower end of the set of shares whose prior-posterior ratio is below <paramref name="threshold"/>, by bisection.</summary>
    private static double Lower(long count, long total, double threshold)
    {
        var ratio = PortableMath.LogFactorial(count) + PortableMath.LogFactorial(total - count) - PortableMath.LogFactorial(total + 1);
        var (low, high) = (0.0, count / (double)total);
        for (var i = 0; i < 60; i++)
        {
            var p = (low + high) / 2;
            var outside = ratio - (count * Math.Log(p)) - ((total - count) * Math.Log(1 - p)) >= Math.Log(threshold);
            (low, high) = outside ? (p, high) : (low, p);
        }

        return low;
    }

    /// <summary>What the condition has to spare.</summary>
    private static double Margin(string rule, double a, double b, double threshold)
    {
        var n = a + b;
        if (rule == "a1-1v1")
        {
            return ((a - b) / n) - (2 * Radius(a, n, 2, 1 / threshold));
        }

        // 2 e^2 x e^-x = 1/threshold, by bisection on its falling branch as the authors do.
        var (low, high) = (1.0, 1000.0);
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = 2 * Math.E * Math.E * middle * Math.Exp(-middle) > 1 / threshold ? (middle, high) : (low, middle);
        }

        var divergence = Math.Log(2) + (a / n * Math.Log(a / n)) + (b == 0 ? 0 : b / n * Math.Log(b / n));
        return (n * divergence) - low - (low * (1 + Math.Log(low)) / ((low - 1) * Math.Log(low)) * Math.Log(Math.Log(n)));
    }
}
