using System.Diagnostics;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs;

/// <summary>What is measured of one method on one instance; NaN for what it has none of.</summary>
/// <param name="F1">Of the edges at the method's threshold.</param>
/// <param name="Precision">Average precision of its weights.</param>
/// <param name="Filter">||g^ - g||_F / ||g||_F, g^ a monotone filter fitted to the rounded graph.</param>
/// <param name="Covariance">||C^ - C||_F / ||C||_F, C^ = g^² or the method's own.</param>
/// <param name="Milliseconds">Of the method alone, settings by the truth included.</param>
internal sealed record MethodScores(double F1, double Precision, double Filter, double Covariance, double Milliseconds)
{
    public static MethodScores Of(GraphMethod method, GraphInstance instance)
    {
        var watch = Stopwatch.StartNew();
        var result = method.Learn(instance);
        var time = watch.Elapsed.TotalMilliseconds;
        if (result.Weights is not { } weights)
        {
            return new MethodScores(double.NaN, double.NaN, double.NaN, Error(result.Covariance!, instance.TrueCovariance()), time);
        }

        var fitted = FittedFilter(instance, [.. weights.Select(weight => weight > result.Threshold ? 1.0 : 0)]);
        var square = new double[fitted.Length];
        Product.Multiply(fitted, fitted, square, instance.Vertices);
        return new MethodScores(
            EdgeScores.F1(instance.Truth, weights, result.Threshold),
            EdgeScores.AveragePrecision(instance.Truth, weights),
            Error(fitted, instance.Operator),
            Error(square, instance.TrueCovariance()),
            time);
    }

    /// <summary>The monotone filter of the true sign that fits the sample covariance best on this graph.</summary>
    private static double[] FittedFilter(GraphInstance instance, double[] graph)
    {
        var workspace = new SpectralWorkspace(instance.Vertices);
        var sign = instance.Filter == "high" ? FilterSign.HighPass : FilterSign.LowPass;
        var root = Dense.SquareRoot(instance.Covariance, instance.Vertices);
        var loss = new SpectralLoss(root, workspace, new MixtureFilter(sign), withoutConstant: instance.Filter == "norm");
        loss.Evaluate(graph);
        return workspace.FromBasis(loss.Gains);
    }

    private static double Error(IReadOnlyList<double> found, double[] truth)
    {
        double error = 0, norm = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            error += (found[i] - truth[i]) * (found[i] - truth[i]);
            norm += truth[i] * truth[i];
        }

        return Math.Sqrt(error / norm);
    }
}
