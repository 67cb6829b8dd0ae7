using Streams.Schemas.Results;

namespace Streams.Host.Graphs;

internal static class GraphDegrees
{
    /// <summary>Sum of the weights of each sensor's edges.</summary>
    public static double[] Of(LearnedGraph graph)
    {
        var degrees = new double[graph.Sensors.Count];
        foreach (var edge in graph.Edges)
        {
            degrees[edge.From] += edge.Weight;
            degrees[edge.To] += edge.Weight;
        }

        return degrees;
    }
}
