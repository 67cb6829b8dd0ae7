namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Families of filters, in x = lambda in a unit of the graph's own.</summary>
public enum FilterFamily
{
    /// <summary>Monotone mixtures of exponentials: the default, which contains or approximates all monotone ones below.</summary>
    Mixture,

    /// <summary>c exp(-r x).</summary>
    Heat,

    /// <summary>c / (1 + r x).</summary>
    Tikhonov,

    /// <summary>c / sqrt(x), 0 at frequency 0. Low-pass by declaration, without the constant mode.</summary>
    InverseRoot,

    /// <summary>c r x / (1 + r x).</summary>
    HighPass,

    /// <summary>Monotone polynomials of degree 5 between frequency 0 and the largest.</summary>
    Polynomial,

    /// <summary>The network of FiGLearn on frequencies as they are, fitted by gradient descent: see <see cref="FigLearnScheme.Alternating"/>.</summary>
    Network,
}
