namespace Streams.Processors.GraphFilter.Learning;

/// <summary>A loss over graphs with the filter at its best for each.</summary>
internal interface IGraphLoss
{
    /// <summary>Number of vertices.</summary>
    int Size { get; }

    /// <summary>The loss of the graph with these edge weights.</summary>
    double Evaluate(ReadOnlySpan<double> weights);

    /// <summary>Its derivative for every pair, in the order of <see cref="Edges"/>, at the last graph evaluated.</summary>
    void Gradient(Span<double> gradient);
}
