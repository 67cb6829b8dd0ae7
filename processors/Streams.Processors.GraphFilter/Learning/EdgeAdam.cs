namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Adam on the logits of the edge weights. Logits stay within bounds, so that no edge is ever beyond recall.</summary>
internal sealed class EdgeAdam(
    double[] logits, double[] first, double[] second, long steps, double learningRate = EdgeAdam.LearningRate, double maxLogit = EdgeAdam.MaxLogit)
{
    public const double LearningRate = 0.05;

    private const double MaxLogit = 6;
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;

    public EdgeAdam(double[] logits, double learningRate = LearningRate, double maxLogit = MaxLogit)
        : this(logits, new double[logits.Length], new double[logits.Length], 0, learningRate, maxLogit)
    {
    }

    public double[] Logits => logits;

    /// <summary>Mean of the gradients.</summary>
    public double[] First => first;

    /// <summary>Mean of their squares.</summary>
    public double[] Second => second;

    public long Steps => steps;

    public double[] Weights()
    {
        var weights = new double[logits.Length];
        Weights(weights);
        return weights;
    }

    /// <summary>The weights into <paramref name="weights"/>.</summary>
    public void Weights(Span<double> weights)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = 1 / (1 + Math.Exp(-logits[i]));
        }
    }

    /// <summary>Rounds the state to float32, in which it is saved.</summary>
    public void RoundToSingle()
    {
        for (var i = 0; i < logits.Length; i++)
        {
            (logits[i], first[i], second[i]) = ((float)logits[i], (float)first[i], (float)second[i]);
        }
    }

    /// <summary>The same vertices and others: pairs known to <paramref name="before"/> go on from there.</summary>
    /// <param name="before">The state over other vertices.</param>
    /// <param name="places">For each vertex its number in <paramref name="before"/>, or -1.</param>
    /// <param name="verticesBefore">Number of vertices of <paramref name="before"/>.</param>
    public EdgeAdam Adopt(EdgeAdam before, int[] places, int verticesBefore)
    {
        for (int i = 0, edge = 0; i < places.Length; i++)
        {
            for (var j = i + 1; j < places.Length; j++, edge++)
            {
                if (places[i] >= 0 && places[j] >= 0)
                {
                    var from = Edges.Index(Math.Min(places[i], places[j]), Math.Max(places[i], places[j]), verticesBefore);
                    (logits[edge], first[edge], second[edge]) = (before.Logits[from], before.First[from], before.Second[from]);
                }
            }
        }

        return new EdgeAdam(logits, first, second, before.Steps, learningRate, maxLogit);
    }

    /// <summary>One step down the gradient with respect to <paramref name="weights"/>, those of the present logits.</summary>
    public void Step(ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient)
    {
        steps++;
        var unbias1 = 1 / (1 - Math.Pow(Beta1, steps));
        var unbias2 = 1 / (1 - Math.Pow(Beta2, steps));
        for (var i = 0; i < logits.Length; i++)
        {
            var slope = gradient[i] * weights[i] * (1 - weights[i]);
            first[i] = (Beta1 * first[i]) + ((1 - Beta1) * slope);
            second[i] = (Beta2 * second[i]) + ((1 - Beta2) * slope * slope);
            var move = learningRate * first[i] * unbias1 / (Math.Sqrt(second[i] * unbias2) + 1e-12);
            logits[i] = Math.Clamp(logits[i] - move, -maxLogit, maxLogit);
        }
    }
}
