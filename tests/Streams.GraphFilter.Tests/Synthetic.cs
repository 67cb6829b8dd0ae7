using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests;

/// <summary>Graphs and filtered noise whose truth is known.</summary>
internal static class Synthetic
{
    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A symmetric positive definite matrix with a condition number of a few hundred.</summary>
    public static double[] Positive(Random random, int size)
    {
        var factor = Enumerable.Range(0, size * size).Select(_ => Normal(random)).ToArray();
        var matrix = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                matrix[(i * size) + j] = i == j ? 0.1 * size : 0;
                for (var k = 0; k < size; k++)
                {
                    matrix[(i * size) + j] += factor[(i * size) + k] * factor[(j * size) + k];
                }
            }
        }

        return matrix;
    }

    /// <summary>A connected 0/1 graph of a family: sbm (two blocks), er or rgg.</summary>
    public static double[] Graph(string family, int size, Random random)
    {
        while (true)
        {
            var x = Enumerable.Range(0, size).Select(_ => random.NextDouble()).ToArray();
            var y = Enumerable.Range(0, size).Select(_ => random.NextDouble()).ToArray();
            var edges = new double[Edges.Count(size)];
            for (int i = 0, edge = 0; i < size; i++)
            {
                for (var j = i + 1; j < size; j++, edge++)
                {
                    var near = Math.Pow(x[i] - x[j], 2) + Math.Pow(y[i] - y[j], 2) < 0.37 * 0.37;
                    var chance = family switch
                    {
                        "er" => 0.4,
                        "sbm" => i * 2 / size == j * 2 / size ? 0.7 : 0.1,
                        "rgg" => near ? 1 : 0,
                        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "sbm, er or rgg"),
                    };
                    edges[edge] = random.NextDouble() < chance ? 1 : 0;
                }
            }

            if (IsConnected(edges, size))
            {
                return edges;
            }
        }
    }

    public static Func<double, double> Filter(string name) => name switch
    {
        "heat" => frequency => Math.Exp(-0.1 * frequency),
        "tikhonov" => frequency => 1 / (1 + (0.5 * frequency)),
        "norm" => frequency => frequency < 1e-9 ? 0 : 1 / Math.Sqrt(frequency),
        "high" => frequency => 0.5 * frequency / (1 + (0.5 * frequency)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "heat, tikhonov, norm or high"),
    };

    /// <summary>g(L), row-major.</summary>
    public static double[] Operator(double[] edges, int size, Func<double, double> filter)
    {
        var (frequencies, modes) = Dense.Eigen(Edges.Laplacian(edges, size), size);
        frequencies[0] = 0;
        return Dense.FromEigen(modes, [.. frequencies.Select(filter)], size);
    }

    /// <summary>Rows of g(L) w with white w.</summary>
    public static double[] Signals(double[] filter, int size, int rows, Random random)
    {
        var signals = new double[rows * size];
        var noise = new double[size];
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < size; i++)
            {
                noise[i] = Normal(random);
            }

            for (var i = 0; i < size; i++)
            {
                signals[(row * size) + i] = Cholesky.Dot(filter.AsSpan(i * size, size), noise);
            }
        }

        return signals;
    }

    public static double F1(double[] truth, LearnedFilterGraph learned)
    {
        int both = 0, wrong = 0;
        for (var edge = 0; edge < truth.Length; edge++)
        {
            var found = learned.Weights[edge] > learned.Threshold;
            both += found && truth[edge] > 0 ? 1 : 0;
            wrong += found != truth[edge] > 0 ? 1 : 0;
        }

        return 2.0 * both / ((2 * both) + wrong);
    }

    private static bool IsConnected(double[] edges, int size) =>
        Dense.Eigen(Edges.Laplacian(edges, size), size).Values[1] > 1e-6;

    /// <summary>XᵀX / rows over the first <paramref name="rows"/> rows of row-major X.</summary>
    public static double[] Gram(double[] x, int rows, int size)
    {
        var gram = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                gram[(i * size) + j] = Enumerable.Range(0, rows).Sum(row => x[(row * size) + i] * x[(row * size) + j]) / rows;
            }
        }

        return gram;
    }
}
