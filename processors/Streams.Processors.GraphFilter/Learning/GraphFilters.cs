namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The families by name.</summary>
internal static class GraphFilters
{
    public static IGraphFilter Create(FilterFamily family, FilterSign sign) => family switch
    {
        FilterFamily.Mixture => new MixtureFilter(sign),
        FilterFamily.Polynomial => new PolynomialFilter(sign),
        FilterFamily.Heat or FilterFamily.Tikhonov or FilterFamily.InverseRoot or FilterFamily.HighPass => new OneRateFilter(family),
        _ => throw new ArgumentException($"the filter family {family} has no closed form; use the scheme Alternating, or another family", nameof(family)),
    };

    /// <summary>What a family says by itself; <see cref="FilterSign.Auto"/> where it has filters of both signs.</summary>
    public static FilterSign SignOf(FilterFamily family) => family switch
    {
        FilterFamily.Heat or FilterFamily.Tikhonov or FilterFamily.InverseRoot => FilterSign.LowPass,
        FilterFamily.HighPass => FilterSign.HighPass,
        _ => FilterSign.Auto,
    };
}
