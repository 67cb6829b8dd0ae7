using Streams.Processors.ModeEstimation.Active;

namespace Streams.ModeEstimation.Tests.Active;

public sealed class DrawSequenceTests
{
    /// <summary>The draws are part of what a replay must repeat: another value here means that stored runs ask otherwise.</summary>
    [Fact]
    public void Item_PinnedTask_NeverChanges() =>
        Assert.Equal([913, 393, 175, 43, 512, 99, 311, 201], Enumerable.Range(0, 8).Select(n => new DrawSequence("road-signs", 1000)[n]));

    [Theory]
    [InlineData("a", 2)]
    [InlineData("a", 7)]
    [InlineData("b", 100)]
    [InlineData("würfel", 1000)]
    public void Item_ManyDraws_AreUniformAndPairsAreIndependent(string task, int pool)
    {
        var draws = new DrawSequence(task, pool);
        const int Draws = 200_000;
        var cells = Math.Min(pool, 20);
        var counts = new double[pool];
        var pairs = new double[cells * cells];
        for (var n = 0; n < Draws; n++)
        {
            counts[draws[n]]++;
            pairs[(int)((long)draws[n] * cells / pool * cells) + (int)((long)draws[n + 1] * cells / pool)]++;
        }

        AssertChiSquare(counts, Enumerable.Repeat((double)Draws / pool, pool));
        var cell = Enumerable.Range(0, cells).Select(c => Enumerable.Range(0, pool).Count(s => (long)s * cells / pool == c) / (double)pool).ToArray();
        AssertChiSquare(pairs, from first in cell from second in cell select first * second * Draws);
    }

    [Fact]
    public void Item_PoolNearTheLargest_StaysInRange()
    {
        var draws = new DrawSequence("t", int.MaxValue);
        Assert.All(Enumerable.Range(0, 10_000), n => Assert.InRange(draws[n], 0, int.MaxValue - 1));
        Assert.True(draws[long.MaxValue] >= 0);
    }

    private static void AssertChiSquare(double[] seen, IEnumerable<double> expected)
    {
        var statistic = seen.Zip(expected, (s, e) => (s - e) * (s - e) / e).Sum();
        var freedom = seen.Length - 1;
        Assert.InRange(statistic, freedom - (5 * Math.Sqrt(2 * freedom)) - 5, freedom + (5 * Math.Sqrt(2 * freedom)) + 10);
    }
}
