namespace Streams.Processors.GraphFilter.Learning;

/// <summary>How a graph and its filter are learned from a covariance.</summary>
public sealed record FigLearnOptions
{
    /// <summary>Steps of the optimiser from a fresh start; the published scheme wants 1,000.</summary>
    public int Iterations { get; init; } = 200;

    /// <summary>The closed form, or the scheme as published.</summary>
    public FigLearnScheme Scheme { get; init; } = FigLearnScheme.ClosedForm;

    /// <summary>The distance that is minimised.</summary>
    public TransportLoss Loss { get; init; } = TransportLoss.Commuting;

    /// <summary>Where the filter is looked for. The scheme Alternating has its network and ignores this.</summary>
    public FilterFamily Family { get; init; } = FilterFamily.Mixture;

    /// <summary>Low- or high-pass, where it is known; else the constant mode decides. Families of one sign overrule it.</summary>
    public FilterSign Sign { get; init; } = FilterSign.Auto;

    /// <summary>
    /// Leaves the constant mode out, for readings centred across sensors or a filter that is 0 at frequency 0. The sign cannot be told
    /// from the data then: low-pass is assumed unless <see cref="Sign"/> says otherwise.
    /// </summary>
    public bool WithoutConstantMode { get; init; }

    /// <summary>
    /// Independent readings behind the covariance; <see cref="FigLearn.FromSamples"/> counts them itself. Without it neither
    /// <see cref="Unweighted"/> nor the test of the model can be done.
    /// </summary>
    public double? Samples { get; init; }

    /// <summary>
    /// Takes the graph to be unweighted, as FiGLearn does: where the readings tell pairs apart well enough, a search over 0/1 graphs
    /// follows, and weights say how sure each pair is. False: weights as the relaxation leaves them.
    /// </summary>
    public bool Unweighted { get; init; } = true;

    /// <summary>Of the random start of the scheme Alternating.</summary>
    public int Seed { get; init; } = 23;
}
