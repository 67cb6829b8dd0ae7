using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The optimiser's state: it can go on from where it was when the covariance has moved a little.</summary>
internal sealed class GraphLearner
{
    /// <summary>How far the start spreads: the weights of pairs one standard deviation apart differ by this in their logits.</summary>
    private const double StartSpread = 1;

    /// <summary>A difference between constant mode and mean gain below this share of the mean says nothing about the sign.</summary>
    private const double SignTolerance = 0.02;

    private readonly bool _withoutConstant;

    public GraphLearner(int vertices, FilterSign sign, bool withoutConstant, EdgeAdam adam) =>
        (Vertices, Sign, _withoutConstant, Adam) = (vertices, sign, withoutConstant, adam);

    public int Vertices { get; }

    /// <summary>Never <see cref="FilterSign.Auto"/>.</summary>
    public FilterSign Sign { get; }

    public EdgeAdam Adam { get; }

    /// <summary>A start from the data: to first order g(L) = a ∓ bL, so the off-diagonal of S already ranks the pairs.</summary>
    public static GraphLearner Start(double[] root, int vertices, FilterSign sign, bool withoutConstant)
    {
        var upper = Edges.Upper(root, vertices);
        var mean = upper.Length == 0 ? 0 : upper.Average();
        var deviation = Math.Sqrt(upper.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, upper.Length));
        var direction = sign == FilterSign.HighPass ? -StartSpread : StartSpread;
        var logits = upper.Select(value => deviation > 0 ? direction * Math.Clamp((value - mean) / deviation, -3, 3) : 0).ToArray();
        return new GraphLearner(vertices, sign, withoutConstant, new EdgeAdam(logits));
    }

    /// <summary>This start, with what <paramref name="before"/> knew of the pairs that both have.</summary>
    public GraphLearner Adopt(GraphLearner before, int[] places) =>
        new(Vertices, Sign, _withoutConstant, Adam.Adopt(before.Adam, places, before.Vertices));

    /// <summary>
    /// The constant vector is an eigenvector of every Laplacian, with eigenvalue 0: 1ᵀS1/N is g(0), whatever the graph. A gain there
    /// above the mean gain means low-pass. <see cref="FilterSign.Auto"/>: too close to tell.
    /// </summary>
    public static FilterSign SignOf(double[] root, int vertices)
    {
        double sum = root.Sum() / vertices, mean = 0;
        for (var i = 0; i < vertices; i++)
        {
            mean += root[(i * vertices) + i] / vertices;
        }

        return sum > mean * (1 + SignTolerance) ? FilterSign.LowPass
            : sum < mean * (1 - SignTolerance) ? FilterSign.HighPass
            : FilterSign.Auto;
    }

    /// <summary>Takes <paramref name="iterations"/> steps towards the root S of the covariance and returns where it ended.</summary>
    public SpectralLoss.Point Learn(double[] root, int iterations)
    {
        var loss = new SpectralLoss(root, Vertices, Sign, _withoutConstant);
        Learn(loss, iterations);
        return loss.At(Adam.Weights());
    }

    /// <summary>Takes <paramref name="iterations"/> steps down <paramref name="loss"/>.</summary>
    public void Learn(IGraphLoss loss, int iterations)
    {
        var weights = new double[Adam.Logits.Length];
        var gradient = new double[weights.Length];
        for (var i = 0; i < iterations; i++)
        {
            Adam.Weights(weights);
            loss.Evaluate(weights);
            loss.Gradient(gradient);
            Adam.Step(weights, gradient);
        }
    }

    /// <summary>The result in its sparsest representative.</summary>
    public LearnedFilterGraph Describe(SpectralLoss.Point point, double[] root, IReadOnlyList<string> notes)
    {
        var weights = Adam.Weights();
        double lowest = weights.Min(), range = weights.Max() - lowest;
        var sparsest = weights.Select(weight => range > 0 ? (weight - lowest) / range : 0).ToArray();
        var threshold = Otsu.Threshold(sparsest);
        var all = threshold is null ? [.. notes, "no pair of sensors stands out: no edges"] : notes;

        // The representative shifts and scales the eigenvalues except the constant mode's, and leaves the modes and gains as they are.
        var meanWeight = 2 * weights.Sum() / Vertices;
        var frequencies = point.Points.Select((x, i) => i == 0 || range <= 0 ? 0 : Math.Max(0, ((x * meanWeight) - (Vertices * lowest)) / range)).ToArray();
        var mean = frequencies.Average();
        var filter = new FilterResponse([.. frequencies.Select(frequency => mean > 0 ? frequency / mean : 0)], point.Gains);
        var norm = new SpectralLoss(root, Vertices, Sign, _withoutConstant).SquaredNorm;
        var fit = norm > 0 ? Math.Sqrt(point.Loss / norm) : 0;
        return new LearnedFilterGraph(Vertices, sparsest, threshold ?? 2, Sign, filter, fit, point.Covariance(), all);
    }
}
