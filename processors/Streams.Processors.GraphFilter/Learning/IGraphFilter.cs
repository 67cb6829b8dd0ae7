namespace Streams.Processors.GraphFilter.Learning;

/// <summary>A family of filters g of which one is fitted to every graph.</summary>
internal interface IGraphFilter
{
    /// <summary>What lambda is divided by before it comes here.</summary>
    FilterScale Scale { get; }

    /// <summary>min over the family of sum of importance (g(x) - target)². Points of importance 0 are left out.</summary>
    void Fit(ReadOnlySpan<double> points, ReadOnlySpan<double> targets, ReadOnlySpan<double> importance);

    /// <summary>g and dg/dx of the last fit.</summary>
    (double Gain, double Slope) At(double x);
}
