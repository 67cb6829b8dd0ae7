namespace Streams.Benchmarks.Graphs;

/// <summary>How well weights tell the edges of a 0/1 graph from the other pairs.</summary>
internal static class EdgeScores
{
    /// <summary>F1 of declaring every pair above <paramref name="threshold"/> an edge.</summary>
    public static double F1(IReadOnlyList<double> truth, IReadOnlyList<double> weights, double threshold)
    {
        int both = 0, wrong = 0;
        for (var edge = 0; edge < truth.Count; edge++)
        {
            var found = weights[edge] > threshold;
            both += found && truth[edge] > 0 ? 1 : 0;
            wrong += found != truth[edge] > 0 ? 1 : 0;
        }

        return both == 0 ? 0 : 2.0 * both / ((2 * both) + wrong);
    }

    /// <summary>The best F1 over all thresholds, for methods that are lent the truth.</summary>
    public static double BestF1(IReadOnlyList<double> truth, IReadOnlyList<double> weights)
    {
        double best = 0;
        Walk(truth, weights, (both, declared, edges) => best = Math.Max(best, 2.0 * both / (declared + edges)));
        return best;
    }

    /// <summary>Sum over thresholds of precision times the step in recall; ties count together.</summary>
    public static double AveragePrecision(IReadOnlyList<double> truth, IReadOnlyList<double> weights)
    {
        double sum = 0;
        var before = 0;
        Walk(truth, weights, (both, declared, edges) =>
        {
            sum += (double)both / declared * (both - before) / edges;
            before = both;
        });
        return sum;
    }

    private static void Walk(IReadOnlyList<double> truth, IReadOnlyList<double> weights, Action<int, int, int> visit)
    {
        var order = Enumerable.Range(0, truth.Count).OrderByDescending(edge => weights[edge]).ToArray();
        var edges = truth.Count(value => value > 0);
        var both = 0;
        for (var at = 0; at < order.Length; at++)
        {
            both += truth[order[at]] > 0 ? 1 : 0;
            if (at + 1 == order.Length || weights[order[at + 1]] < weights[order[at]])
            {
                visit(both, at + 1, edges);
            }
        }
    }
}
