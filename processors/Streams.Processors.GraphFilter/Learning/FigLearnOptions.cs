namespace Streams.Processors.GraphFilter.Learning;

/// <summary>How a graph and its filter are learned from a covariance.</summary>
public sealed record FigLearnOptions
{
    /// <summary>Steps of the optimiser from a fresh start.</summary>
    public int Iterations { get; init; } = 200;

    /// <summary>Low- or high-pass, where it is known; else the constant mode decides.</summary>
    public FilterSign Sign { get; init; } = FilterSign.Auto;

    /// <summary>
    /// Leaves the constant mode out, for readings centred across sensors or a filter that is 0 at frequency 0. The sign cannot be told
    /// from the data then: low-pass is assumed unless <see cref="Sign"/> says otherwise.
    /// </summary>
    public bool WithoutConstantMode { get; init; }
}
