using Streams.Processors.GraphFilter.Learning;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>What an <see cref="OnlineGraphLearner"/> knows at one moment.</summary>
/// <param name="Vertices">Number of vertices.</param>
/// <param name="Weights">Of the pairs (0,1), (0,2), …, (1,2), …, in the sparsest representative: the weakest pair has 0, the strongest 1.</param>
/// <param name="Threshold">Weight about which a pair becomes an edge or stops being one; above 1 when no pair stands out.</param>
/// <param name="Edges">The pairs that are edges, hysteresis in mind, strongest first.</param>
/// <param name="Stability">For each of <paramref name="Edges"/> the share of the last learnings in which it was one.</param>
/// <param name="Sign">Low- or high-pass.</param>
/// <param name="Filter">g at the graph's frequencies over their mean.</param>
/// <param name="Fit">||g(L) - S||_F / ||S||_F.</param>
/// <param name="EffectiveMemory">Rows that the covariance amounts to.</param>
/// <param name="Forgetting">gamma in use.</param>
/// <param name="Alarms">Of the drift test so far.</param>
/// <param name="Notes">What a reader should know.</param>
public sealed record OnlineGraph(
    int Vertices,
    IReadOnlyList<double> Weights,
    double Threshold,
    IReadOnlyList<GraphEdge> Edges,
    IReadOnlyList<double> Stability,
    FilterSign Sign,
    FilterResponse Filter,
    double Fit,
    double EffectiveMemory,
    double Forgetting,
    long Alarms,
    IReadOnlyList<string> Notes);
