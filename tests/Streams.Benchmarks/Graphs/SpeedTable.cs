using System.Diagnostics;
using System.Globalization;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs;

/// <summary>One learning step and its parts, in microseconds on one thread, beside libtorch's eigendecomposition of the same size.</summary>
internal static class SpeedTable
{
    private static readonly string[] Sizes = ["16", "32", "45", "64", "96", "128", "160", "256"];

    public static void Print(GraphSettings settings)
    {
        settings.Output.WriteLine($"Best of several, microseconds\n{"N",-6}{"eigen",10}{"torch",10}{"product",10}{"torch",10}{"step",10}{"step/torch eigen",18}");
        foreach (var size in GraphSettings.Chosen(settings.Vertices, Sizes).Select(int.Parse))
        {
            var instance = GraphInstance.Draw("er", size, "heat", 1, 500);
            var laplacian = Edges.Laplacian(instance.Truth, size);
            var managed = new SymmetricEigen(size, useTorch: false);
            var torch = new SymmetricEigen(size, useTorch: true);
            var result = new double[size * size];
            var root = Dense.SquareRoot(instance.Covariance, size);
            var learner = GraphLearner.Start(root, size, FilterSign.LowPass, withoutConstant: false);
            var loss = new SpectralLoss(root, size, FilterSign.LowPass, withoutConstant: false);
            var eigen = Best(() => managed.Decompose(laplacian));
            var torchEigen = Best(() => torch.Decompose(laplacian));
            var product = Best(() => Product.Multiply(root, laplacian, result, size, size, size));
            var torchProduct = Best(() => Product.MultiplyByTorch(root, laplacian, result, size));
            var step = Best(() => learner.Learn(loss, 1));
            settings.Output.WriteLine(
                $"{size,-6}{Number(eigen),10}{Number(torchEigen),10}{Number(product),10}{Number(torchProduct),10}{Number(step),10}{step / torchEigen,18:F2}");
        }
    }

    private static string Number(double microseconds) => microseconds.ToString("F0", CultureInfo.InvariantCulture);

    private static double Best(Action action)
    {
        var best = double.PositiveInfinity;
        var total = Stopwatch.StartNew();
        for (var round = 0; round < 5 || (total.ElapsedMilliseconds < 1_000 && round < 20_000); round++)
        {
            var watch = Stopwatch.StartNew();
            action();
            best = Math.Min(best, watch.Elapsed.TotalMicroseconds);
        }

        return best;
    }
}
