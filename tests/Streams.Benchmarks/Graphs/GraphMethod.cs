using Streams.Benchmarks.Graphs.Baselines;
using Streams.Processors.GraphFilter.Learning;

namespace Streams.Benchmarks.Graphs;

/// <summary>What a method made of one instance.</summary>
/// <param name="Weights">Of every pair; null for a covariance alone.</param>
/// <param name="Threshold">Above which a pair is an edge.</param>
/// <param name="Covariance">Its covariance; null to have it from the graph and a monotone filter.</param>
internal sealed record MethodResult(IReadOnlyList<double>? Weights, double Threshold, IReadOnlyList<double>? Covariance = null);

/// <summary>A way from signals to a graph or a covariance.</summary>
/// <param name="Name">In the table.</param>
/// <param name="What">One line of help.</param>
/// <param name="Learn">The way.</param>
/// <param name="Slow">Fewer seeds unless asked for.</param>
internal sealed record GraphMethod(string Name, string What, Func<GraphInstance, MethodResult> Learn, bool Slow = false)
{
    public const string ClosedForm = "closed-form";
    public const string Published = "published";

    private const double Forgetting = 0.997;

    public static readonly GraphMethod[] All =
    [
        new(ClosedForm, "FigLearn by default; 1/sqrt: told to leave the constant mode out", instance => FigLearned(instance, new FigLearnOptions { WithoutConstantMode = instance.Filter == "norm" })),
        new("relaxed", "the same without the search over 0/1 graphs", instance => FigLearned(instance, new FigLearnOptions { Unweighted = false, WithoutConstantMode = instance.Filter == "norm" }), Slow: true),
        new(Published, "the seed's alternating scheme, 1,000 iterations (800 from 100 vertices on), edges above 1/2", Alternating, Slow: true),
        new("glasso", "graphical lasso on covariance or correlation, which of them and the penalty of the best F1 by the truth", instance => BestByTruth(instance, Lassos(instance), _ => 0)),
        new("log-degree", "Kalofolias, the scale of the best F1 by the truth, edges above 1/1000 of the largest", instance => BestByTruth(instance, LogDegrees(instance), Thousandth)),
        new("log-degree-oracle", "the same, the threshold by the truth as well", instance => BestByTruth(instance, LogDegrees(instance), weights => BestThreshold(instance, weights))),
        new("log-degree-online", "Saboksayr and Mateos, one step a sample, the scale by the truth, Otsu", instance => BestByTruth(instance, LogDegree.Scales.Select(scale => LogDegree.Track(instance.Signals, instance.Vertices, scale)), Split)),
        new("cgl", "Egilmez, no regularisation, edges above 1/10,000 of the largest", instance => Thresholded(CombinatorialLaplacian.Solve(instance.Covariance, instance.Vertices), weights => weights.Max() * 1e-4)),
        new("cgl-otsu", "the same, Otsu", instance => Thresholded(CombinatorialLaplacian.Solve(instance.Covariance, instance.Vertices), Split)),
        new("templates", "Segarra, noisy spectral templates, strength by the truth, Otsu", instance => BestByTruth(instance, SpectralTemplates.Strengths.Select(strength => SpectralTemplates.Solve(instance.Covariance, instance.Vertices, strength)), Split)),
        new("empirical", "the sample covariance", instance => new MethodResult(null, 0, instance.Covariance)),
        new("ledoit-wolf", "shrunk towards the identity", instance => new MethodResult(null, 0, CovarianceEstimates.LedoitWolf(instance.Signals, instance.Covariance, instance.Vertices))),
        new("exponential", "exponentially weighted, forgetting .997", instance => new MethodResult(null, 0, CovarianceEstimates.ExponentiallyWeighted(instance.Signals, instance.Vertices, Forgetting))),
    ];

    private static MethodResult FigLearned(GraphInstance instance, FigLearnOptions options)
    {
        var learned = FigLearn.FromCovariance(instance.Covariance, instance.Vertices, options with { Samples = instance.Signals.Length / instance.Vertices });
        return new MethodResult(learned.Weights, learned.Threshold);
    }

    private static MethodResult Alternating(GraphInstance instance) =>
        FigLearned(instance, new FigLearnOptions { Scheme = FigLearnScheme.Alternating, Iterations = instance.Vertices < 100 ? 1_000 : 800 });

    private static IEnumerable<double[]> Lassos(GraphInstance instance)
    {
        var size = instance.Vertices;
        var scales = Enumerable.Range(0, size).Select(i => 1 / Math.Sqrt(instance.Covariance[(i * size) + i])).ToArray();
        double[] correlation = [.. instance.Covariance.Select((entry, at) => entry * scales[at / size] * scales[at % size])];
        return GraphicalLasso.Path(instance.Covariance, size).Concat(GraphicalLasso.Path(correlation, size));
    }

    private static IEnumerable<double[]> LogDegrees(GraphInstance instance) =>
        LogDegree.Scales.Select(scale => LogDegree.Solve(instance.Covariance, instance.Vertices, scale));

    private static MethodResult BestByTruth(GraphInstance instance, IEnumerable<double[]> candidates, Func<double[], double> threshold) =>
        candidates.Select(weights => new MethodResult(weights, threshold(weights)))
            .MaxBy(result => EdgeScores.F1(instance.Truth, result.Weights!, result.Threshold))!;

    private static MethodResult Thresholded(double[] weights, Func<double[], double> threshold) => new(weights, threshold(weights));

    private static double Thousandth(double[] weights) => weights.Max() * 1e-3;

    private static double Split(double[] weights) => Otsu.Threshold(weights) ?? weights.Max();

    private static double BestThreshold(GraphInstance instance, double[] weights)
    {
        var best = EdgeScores.BestF1(instance.Truth, weights);
        return weights.Prepend(-1).First(candidate => EdgeScores.F1(instance.Truth, weights, candidate) >= best);
    }
}
