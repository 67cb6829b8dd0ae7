namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// Minder et al., FiGLearn, as their code has it: logits of the weights start uniform in ±1/2; every iteration takes three steps of plain gradient
/// descent on the filter network, then one of Adam on the logits, through the Loewner matrix instead of automatic differentiation. The lowest loss is
/// kept.
/// </summary>
internal sealed class AlternatingScheme
{
    public const double GraphRate = 1e-2;
    private const double FilterRate = 1e-3;
    private const int FilterSteps = 3;

    private readonly NetworkLoss _loss;
    private readonly EdgeAdam _adam;

    /// <param name="root">S, the symmetric root of the covariance, row-major.</param>
    /// <param name="size">Number of vertices.</param>
    /// <param name="transport">Which loss.</param>
    /// <param name="seed">Of the start.</param>
    public AlternatingScheme(double[] root, int size, TransportLoss transport, int seed)
    {
        var random = new Random(seed);
        _loss = new NetworkLoss(root, size, transport, random);
        var logits = Enumerable.Range(0, Edges.Count(size)).Select(_ => random.NextDouble() - 0.5).ToArray();
        _adam = new EdgeAdam(logits, GraphRate, maxLogit: double.PositiveInfinity);
        Weights = _adam.Weights();
    }

    /// <summary>Those of the lowest loss.</summary>
    public double[] Weights { get; private set; }

    /// <summary>The lowest loss.</summary>
    public double Loss { get; private set; } = double.PositiveInfinity;

    public void Learn(int iterations)
    {
        var weights = _adam.Weights();
        var gradient = new double[weights.Length];
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            _adam.Weights(weights);
            _loss.Take(weights);
            for (var step = 0; step < FilterSteps; step++)
            {
                _loss.Descend(FilterRate);
            }

            var value = _loss.Value();
            if (value < Loss)
            {
                (Loss, Weights) = (value, [.. weights]);
            }

            _loss.Gradient(gradient);
            _adam.Step(weights, gradient);
        }
    }
}
