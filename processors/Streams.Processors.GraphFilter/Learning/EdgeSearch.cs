namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The unweighted graph behind relaxed weights: the most likely one on the path of thresholds, then flips of pairs as long as the
/// penalised likelihood rises. Knowing that weights are 0 or 1 is worth as much as twice the samples, where one pair can be told
/// from the data at all; elsewhere the search would fit noise, and gives nothing.
/// </summary>
internal sealed class EdgeSearch(LikelihoodLoss loss, double samples)
{
    /// <summary>Median information of a pair, in nats, below which relaxed weights do better than a search.</summary>
    public const double LeastInformation = 12;

    /// <summary>
    /// Share of the Fisher information that a flip is charged with. It overstates the second derivative, as the filter adapts to the
    /// flip; too small a share only costs evaluations, since nothing is accepted unseen.
    /// </summary>
    private const double ChargedInformation = 0.3;

    /// <summary>Samples a vertex below which relaxed weights follow the noise, so that the likelihood of the same samples is no judge of a threshold.</summary>
    private const double LeastSamplesEach = 6;

    private const int Evaluations = 200;

    /// <summary>The charge depends on the density, and that on the charge.</summary>
    private const int Rounds = 3;

    private readonly double[] _gradient = new double[Edges.Count(loss.Size)];
    private readonly double[] _information = new double[Edges.Count(loss.Size)];

    /// <summary>
    /// 0/1 weights and for each pair the probability of an edge, given the others; null when a pair is worth less than
    /// <see cref="LeastInformation"/>.
    /// </summary>
    public (double[] Graph, double[] Probability)? Refine(double[] relaxed)
    {
        var graph = MostLikelyThreshold(relaxed);
        if (graph is null)
        {
            return null;
        }

        // A graph that has fallen apart can seem to be worth much: both candidates have to be.
        var split = Otsu.Threshold(relaxed) ?? 1;
        if (MedianInformation(graph) < LeastInformation || MedianInformation([.. relaxed.Select(weight => weight > split ? 1.0 : 0)]) < LeastInformation)
        {
            return null;
        }

        graph = Flip(graph);
        return (graph, Probability(graph));
    }

    /// <summary>What the samples say for or against the median pair, in nats.</summary>
    private double MedianInformation(double[] graph)
    {
        loss.Evaluate(graph);
        loss.Information(_information);
        return 0.25 * samples * _information.Order().ElementAt(graph.Length / 2);
    }

    /// <summary>Odds of no edge at the graph's own density, in the unit of the loss.</summary>
    private double Penalty(double[] graph)
    {
        var density = Math.Clamp(graph.Average(), 1.0 / graph.Length, 1 - (1.0 / graph.Length));
        return 2 / samples * Math.Log((1 - density) / density);
    }

    /// <summary>
    /// Number of the largest relaxed weights to declare edges, where a search would fit noise: the most likely threshold, each edge charged so much that
    /// the expected F1 is largest (<see cref="ExpectedF1"/>). Null: too few samples, or no threshold leaves a graph.
    /// </summary>
    public int? EdgesToDeclare(double[] relaxed)
    {
        if (samples < LeastSamplesEach * loss.Size)
        {
            return null;
        }

        var split = Otsu.Threshold(relaxed) ?? 1;
        double[]? graph = [.. relaxed.Select(weight => weight > split ? 1.0 : 0)];
        for (var round = 0; round < Rounds && graph is not null; round++)
        {
            var cut = ExpectedF1.Cut(MedianInformation(graph), Math.Clamp(graph.Average(), 1.0 / graph.Length, 0.5));
            graph = MostLikelyThreshold(relaxed, 2 / samples * cut);
        }

        return (int?)graph?.Sum();
    }

    private double[]? MostLikelyThreshold(double[] relaxed, double penalty = 0)
    {
        const int steps = 70;
        var sorted = relaxed.Order().ToArray();
        double[]? best = null;
        var least = double.PositiveInfinity;
        for (var step = 0; step < steps; step++)
        {
            // Densities of .7 down to less than one edge a vertex.
            var threshold = sorted[(int)((0.3 + (0.69 * step / steps)) * (sorted.Length - 1))];
            var graph = relaxed.Select(weight => weight > threshold ? 1.0 : 0).ToArray();
            var value = graph.Contains(1) ? loss.Evaluate(graph) + (penalty * graph.Sum()) : double.PositiveInfinity;
            if (value < least)
            {
                (least, best) = (value, graph);
            }
        }

        return best;
    }

    /// <summary>All flips that promise a gain at once, then the better half of them, and so on.</summary>
    private double[] Flip(double[] graph)
    {
        var value = loss.Evaluate(graph);
        var many = Math.Max(1, graph.Length / 20);
        for (var evaluations = 0; evaluations < Evaluations && many > 0;)
        {
            loss.Evaluate(graph);
            loss.Gradient(_gradient);
            loss.Information(_information);
            evaluations++;
            var penalty = Penalty(graph);
            var promising = Enumerable.Range(0, graph.Length)
                .Select(edge => (Edge: edge, Change: ((_gradient[edge] + penalty) * (1 - (2 * graph[edge]))) + (ChargedInformation * _information[edge])))
                .Where(flip => flip.Change < 0)
                .OrderBy(flip => flip.Change)
                .Select(flip => flip.Edge)
                .ToArray();
            for (many = Math.Min(many, promising.Length); many > 0; many /= 2)
            {
                var flipped = graph.ToArray();
                foreach (var edge in promising.AsSpan(0, many))
                {
                    flipped[edge] = 1 - flipped[edge];
                }

                var then = loss.Evaluate(flipped);
                evaluations++;
                if (then + (penalty * flipped.Sum()) < value + (penalty * graph.Sum()) - 1e-9)
                {
                    (graph, value) = (flipped, then);
                    break;
                }
            }
        }

        return graph;
    }

    private double[] Probability(double[] graph)
    {
        loss.Evaluate(graph);
        loss.Gradient(_gradient);
        loss.Information(_information);
        var penalty = Penalty(graph);
        return [.. graph.Select((edge, i) =>
        {
            var odds = -0.5 * samples * (_gradient[i] + penalty - (edge > 0 ? _information[i] : -_information[i]) / 2);
            return 1 / (1 + Math.Exp(-Math.Clamp(odds, -700, 700)));
        })];
    }
}
