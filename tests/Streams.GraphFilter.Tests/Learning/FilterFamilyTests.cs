using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class FilterFamilyTests
{
    private const int Size = 16;

    /// <summary>Each family on signals of its own filter, told nothing else.</summary>
    [Theory]
    [InlineData(FilterFamily.Heat, "heat", FilterSign.LowPass, 0.95)]
    [InlineData(FilterFamily.Tikhonov, "tikhonov", FilterSign.LowPass, 0.95)]
    [InlineData(FilterFamily.InverseRoot, "norm", FilterSign.LowPass, 0.9)]
    [InlineData(FilterFamily.HighPass, "high", FilterSign.HighPass, 0.75)]
    [InlineData(FilterFamily.Polynomial, "heat", FilterSign.LowPass, 0.95)]
    [InlineData(FilterFamily.Polynomial, "high", FilterSign.HighPass, 0.75)]
    public void FromSamples_OwnFilter_FindsTheGraph(FilterFamily family, string filter, FilterSign sign, double atLeast)
    {
        var random = new Random(31);
        var truth = Synthetic.Graph("rgg", Size, random);
        var signals = Synthetic.Signals(Synthetic.Operator(truth, Size, Synthetic.Filter(filter)), Size, 1_000, random);
        var learned = FigLearn.FromSamples(signals, Size, new FigLearnOptions { Family = family });
        Assert.Equal(sign, learned.Sign);
        Assert.InRange(Synthetic.F1(truth, learned), atLeast, 1);
    }

    [Theory]
    [InlineData(FilterSign.LowPass)]
    [InlineData(FilterSign.HighPass)]
    public void Polynomial_OfNoisyTargets_IsMonotone(FilterSign sign)
    {
        var random = new Random(32);
        var points = Enumerable.Range(0, 40).Select(i => i / 39.0).ToArray();
        var filter = new PolynomialFilter(sign);
        filter.Fit(points, [.. points.Select(x => (sign == FilterSign.LowPass ? 1 - x : x) + (0.3 * random.NextDouble()))], [.. points.Select(_ => 1.0)]);
        var gains = points.Select(x => filter.At(x).Gain).ToArray();
        Assert.Equal(sign == FilterSign.LowPass ? gains.OrderDescending() : gains.Order(), gains);
        Assert.All(points, x => Assert.Equal((filter.At(x + 1e-6).Gain - filter.At(x - 1e-6).Gain) / 2e-6, filter.At(x).Slope, 1e-5));
    }

    [Theory]
    [InlineData(FilterFamily.Heat)]
    [InlineData(FilterFamily.Tikhonov)]
    [InlineData(FilterFamily.HighPass)]
    [InlineData(FilterFamily.InverseRoot)]
    public void OneRate_OfItsOwnValues_FindsThem(FilterFamily family)
    {
        var points = Enumerable.Range(1, 30).Select(i => i / 10.0).ToArray();
        double Truth(double x) => family switch
        {
            FilterFamily.Heat => 2 * Math.Exp(-0.7 * x),
            FilterFamily.Tikhonov => 2 / (1 + (0.7 * x)),
            FilterFamily.HighPass => 1.4 * x / (1 + (0.7 * x)),
            _ => 2 / Math.Sqrt(x),
        };
        var filter = GraphFilters.Create(family, FilterSign.LowPass);
        filter.Fit(points, [.. points.Select(Truth)], [.. points.Select(_ => 1.0)]);
        Assert.All(points, x => Assert.Equal(Truth(x), filter.At(x).Gain, 1e-5));
        Assert.All(points, x => Assert.Equal((Truth(x + 1e-6) - Truth(x - 1e-6)) / 2e-6, filter.At(x).Slope, 1e-4));
    }

    [Fact]
    public void Create_Network_SaysWhichSchemeHasIt() =>
        Assert.Contains("Alternating", Assert.Throws<ArgumentException>(() => GraphFilters.Create(FilterFamily.Network, FilterSign.LowPass)).Message, StringComparison.Ordinal);
}
