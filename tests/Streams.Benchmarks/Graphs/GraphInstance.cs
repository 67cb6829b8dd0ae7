using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs;

/// <summary>One graph, one filter and the signals g(L) w drawn from them.</summary>
/// <param name="Vertices">N.</param>
/// <param name="Filter">Its name.</param>
/// <param name="Truth">1 or 0 for every pair.</param>
/// <param name="Operator">g(L), row-major.</param>
/// <param name="Signals">Row by row.</param>
/// <param name="Covariance">Of the signals, about their mean.</param>
internal sealed record GraphInstance(int Vertices, string Filter, double[] Truth, double[] Operator, double[] Signals, double[] Covariance)
{
    /// <summary>C = g(L)², row-major.</summary>
    public double[] TrueCovariance()
    {
        var square = new double[Operator.Length];
        Product.Multiply(Operator, Operator, square, Vertices);
        return square;
    }

    public static GraphInstance Draw(string family, int vertices, string filter, int seed, int signals)
    {
        // One graph for all filters of a seed, and one noise for both.
        var truth = GraphFamily.Of(family, vertices, seed);
        var filterOperator = OperatorOf(truth, vertices, TrueFilter.Of(filter));
        var rows = Draw(filterOperator, vertices, signals, new Random((1_000 * seed) + vertices + 500));
        return new GraphInstance(vertices, filter, truth, filterOperator, rows, CovarianceOf(rows, vertices));
    }

    /// <summary>g(L), row-major.</summary>
    public static double[] OperatorOf(double[] edges, int vertices, Func<double, double> filter)
    {
        var workspace = new SpectralWorkspace(vertices);
        workspace.Decompose(edges);
        return workspace.FromBasis([.. workspace.Frequencies.Select(filter)]);
    }

    /// <summary>About the mean, over T - 1.</summary>
    public static double[] CovarianceOf(double[] signals, int vertices)
    {
        var rows = signals.Length / vertices;
        var means = new double[vertices];
        for (var i = 0; i < signals.Length; i++)
        {
            means[i % vertices] += signals[i] / rows;
        }

        var centred = signals.Select((value, i) => (value - means[i % vertices]) * Math.Sqrt(1.0 / (rows - 1))).ToArray();
        var covariance = new double[vertices * vertices];
        for (var row = 0; row < rows; row++)
        {
            var values = centred.AsSpan(row * vertices, vertices);
            for (var i = 0; i < vertices; i++)
            {
                Kernels.AddScaled(covariance.AsSpan(i * vertices, vertices), values[i], values);
            }
        }

        return covariance;
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double[] Draw(double[] filterOperator, int vertices, int rows, Random random)
    {
        var signals = new double[rows * vertices];
        var noise = new double[vertices];
        for (var row = 0; row < rows; row++)
        {
            foreach (ref var value in noise.AsSpan())
            {
                value = Normal(random);
            }

            for (var i = 0; i < vertices; i++)
            {
                signals[(row * vertices) + i] = Kernels.Dot(filterOperator.AsSpan(i * vertices, vertices), noise);
            }
        }

        return signals;
    }
}
