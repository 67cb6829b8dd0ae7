using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class NetworkFilterTests
{
    private static readonly double[] Frequencies = [.. Enumerable.Range(0, 15).Select(i => 0.7 * i)];

    [Fact]
    public void Slopes_AgreeWithDifferences()
    {
        const double step = 1e-6;
        var filter = new NetworkFilter(Frequencies.Length, new Random(1));
        var slopes = new double[Frequencies.Length];
        filter.Forward([.. Frequencies.Select(x => x + step)]);
        var up = filter.Output.ToArray();
        filter.Forward([.. Frequencies.Select(x => x - step)]);
        var down = filter.Output.ToArray();
        filter.Forward(Frequencies);
        filter.Slopes(slopes);
        for (var i = 0; i < slopes.Length; i++)
        {
            Assert.Equal((up[i] - down[i]) / (2 * step), slopes[i], 1e-6);
        }
    }

    /// <summary>What a small step gains is the rate times the squared gradient, so that the gain halves with the rate.</summary>
    [Fact]
    public void Descend_SmallStep_GainsInProportion()
    {
        var gains = new[] { 1e-5, 5e-6 }.Select(rate =>
        {
            var filter = new NetworkFilter(Frequencies.Length, new Random(2));
            var before = Error(filter);
            filter.Descend(Frequencies, Outer(filter), rate);
            return before - Error(filter);
        }).ToArray();
        Assert.True(gains[1] > 0);
        Assert.Equal(2, gains[0] / gains[1], 0.02);
    }

    [Fact]
    public void Descend_ManySteps_FitsAHeatFilter()
    {
        var filter = new NetworkFilter(Frequencies.Length, new Random(3));
        for (var step = 0; step < 6_000; step++)
        {
            filter.Forward(Frequencies);
            filter.Descend(Frequencies, Outer(filter), 1e-3);
        }

        Assert.InRange(Error(filter) / Frequencies.Length, 0, 1e-3);
        Assert.All(filter.Output, gain => Assert.True(gain >= 0));
    }

    private static double Target(double frequency) => Math.Exp(-0.3 * frequency);

    private static double[] Outer(NetworkFilter filter) => [.. filter.Output.Select((gain, i) => 2 * (gain - Target(Frequencies[i])))];

    private static double Error(NetworkFilter filter)
    {
        filter.Forward(Frequencies);
        return filter.Output.Select((gain, i) => Math.Pow(gain - Target(Frequencies[i]), 2)).Sum();
    }
}
