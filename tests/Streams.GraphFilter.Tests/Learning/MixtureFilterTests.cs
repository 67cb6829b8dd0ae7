using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class MixtureFilterTests
{
    [Theory]
    [InlineData(FilterSign.LowPass)]
    [InlineData(FilterSign.HighPass)]
    public void Fit_OfAMixture_FindsItsValues(FilterSign sign)
    {
        var points = Enumerable.Range(0, 40).Select(i => i / 10.0).ToArray();
        double Truth(double x) => sign == FilterSign.LowPass ? 0.1 + (0.7 * Math.Exp(-x)) + (0.3 * Math.Exp(-4 * x)) : 1.1 - (0.7 * Math.Exp(-x)) - (0.3 * Math.Exp(-4 * x));
        var filter = new MixtureFilter(sign);
        filter.Fit(points, [.. points.Select(Truth)], [.. points.Select(_ => 1.0)]);
        Assert.All(points, x => Assert.Equal(Truth(x), filter.At(x).Gain, 1e-4));
        Assert.All(filter.Coefficients, coefficient => Assert.True(coefficient >= 0));
    }

    [Theory]
    [InlineData(FilterSign.LowPass)]
    [InlineData(FilterSign.HighPass)]
    public void At_Slope_AgreesWithDifferences(FilterSign sign)
    {
        var points = Enumerable.Range(0, 40).Select(i => i / 10.0).ToArray();
        var filter = new MixtureFilter(sign);
        filter.Fit(points, [.. points.Select(x => sign == FilterSign.LowPass ? 1 / (1 + x) : x / (1 + x))], [.. points.Select(_ => 1.0)]);
        var difference = (filter.At(0.7 + 1e-6).Gain - filter.At(0.7 - 1e-6).Gain) / 2e-6;
        Assert.Equal(difference, filter.At(0.7).Slope, 1e-7);
    }

    [Fact]
    public void Fit_Importance_WeighsThePoints()
    {
        var filter = new MixtureFilter(FilterSign.LowPass);
        filter.Fit([0, 1, 1], [2, 1, 99], [1, 1, 0]);
        Assert.Equal(1, filter.At(1).Gain, 1e-4);
    }
}
