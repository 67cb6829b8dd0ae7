using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs.Baselines;

/// <summary>
/// The combinatorial graph Laplacian of Egilmez, Pavez and Ortega 2017, unregularised: min over w >= 0 of -log det(L + 11ᵀ/N) + tr L C. Exact descent
/// along one weight after another: with r the variance of the pair's difference and R its effective resistance, the best change is 1/r - 1/R.
/// </summary>
internal static class CombinatorialLaplacian
{
    private const int Sweeps = 40;

    public static double[] Solve(double[] covariance, int size)
    {
        var mean = Enumerable.Range(0, size).Average(i => covariance[(i * size) + i]);
        var weights = Enumerable.Repeat(1.0 / size, Edges.Count(size)).ToArray();
        var inverse = new double[size * size];
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            // Afresh, so that rounding does not add up over the rank-one updates.
            Invert(weights, inverse, size);
            double moved = 0, largest = weights.Max();
            for (int i = 0, edge = 0; i < size; i++)
            {
                for (var j = i + 1; j < size; j++, edge++)
                {
                    var variance = Math.Max(1e-12, (covariance[(i * size) + i] + covariance[(j * size) + j] - (2 * covariance[(i * size) + j])) / mean);
                    var resistance = inverse[(i * size) + i] + inverse[(j * size) + j] - (2 * inverse[(i * size) + j]);
                    var change = Math.Max(-weights[edge], (1 / variance) - (1 / resistance));
                    if (Math.Abs(change) > 1e-9 * largest)
                    {
                        weights[edge] += change;
                        moved = Math.Max(moved, Math.Abs(change));
                        Update(inverse, size, i, j, change / (1 + (change * resistance)));
                    }
                }
            }

            if (moved < 1e-4 * largest)
            {
                break;
            }
        }

        return weights;
    }

    private static void Invert(double[] weights, double[] inverse, int size)
    {
        var matrix = Edges.Laplacian(weights, size);
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i] += 1.0 / size;
        }

        // A weight at its bound can leave the graph in two; a ridge keeps the inverse finite.
        for (var i = 0; i < size; i++)
        {
            matrix[(i * size) + i] += 1e-9;
        }

        Cholesky.TryFactor(matrix, size);
        Cholesky.Inverse(matrix, size).CopyTo(inverse, 0);
    }

    /// <summary>Sherman and Morrison: less factor times (column i - column j)(…)ᵀ.</summary>
    private static void Update(double[] inverse, int size, int i, int j, double factor)
    {
        var difference = new double[size];
        for (var k = 0; k < size; k++)
        {
            difference[k] = inverse[(i * size) + k] - inverse[(j * size) + k];
        }

        for (var k = 0; k < size; k++)
        {
            Kernels.AddScaled(inverse.AsSpan(k * size, size), -factor * difference[k], difference);
        }
    }
}
