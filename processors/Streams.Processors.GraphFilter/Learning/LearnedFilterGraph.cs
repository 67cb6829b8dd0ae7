using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>A graph and a filter g such that white noise through g(L) looks like the readings.</summary>
/// <param name="Vertices">Number of vertices.</param>
/// <param name="Weights">
/// Of the pairs (0,1), (0,2), …, (1,2), …, in [0, 1]. The readings fix them only up to an affine map; this is the sparsest
/// representative: the weakest pair has 0, the strongest 1.
/// </param>
/// <param name="Threshold">Weight above which a pair is an edge (Otsu); above 1 when no pair stands out.</param>
/// <param name="Sign">Low- or high-pass.</param>
/// <param name="Filter">g at the graph's frequencies over their mean.</param>
/// <param name="Fit">||g(L) - S||_F / ||S||_F.</param>
/// <param name="Covariance">g(L)², row-major: what the model says of the readings.</param>
/// <param name="Notes">What a reader should know.</param>
public sealed record LearnedFilterGraph(
    int Vertices,
    IReadOnlyList<double> Weights,
    double Threshold,
    FilterSign Sign,
    FilterResponse Filter,
    double Fit,
    IReadOnlyList<double> Covariance,
    IReadOnlyList<string> Notes)
{
    /// <summary>The pairs above the threshold, strongest first.</summary>
    public IReadOnlyList<GraphEdge> Edges()
    {
        var edges = new List<GraphEdge>();
        for (int i = 0, pair = 0; i < Vertices; i++)
        {
            for (var j = i + 1; j < Vertices; j++, pair++)
            {
                if (Weights[pair] > Threshold)
                {
                    edges.Add(new GraphEdge(i, j, Weights[pair]));
                }
            }
        }

        return [.. edges.OrderByDescending(edge => edge.Weight)];
    }
}
