using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs.Baselines;

/// <summary>
/// Segarra et al. 2017 with noisy templates: the sparsest adjacency A, hollow and at least 0, whose first row sums to 1, that nearly commutes with the
/// covariance: min sum of A_ij + ½ mu ||off-diagonal of VᵀAV||², V the eigenvectors of the covariance. Accelerated projected gradient.
/// </summary>
internal static class SpectralTemplates
{
    /// <summary>mu.</summary>
    public static readonly double[] Strengths = [10, 100, 1_000];

    private const int Iterations = 200;

    public static double[] Solve(double[] covariance, int size, double strength)
    {
        var eigen = new SymmetricEigen(size);
        eigen.Decompose(covariance);
        var columns = new double[size * size];
        Product.Transpose(eigen.Vectors, columns, size);
        double[] adjacency = new double[size * size], ahead = new double[size * size], gradient = new double[size * size], product = new double[size * size];
        Project(ahead, size);
        ahead.CopyTo(adjacency, 0);
        var momentum = 1.0;
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            Product.Multiply(eigen.Vectors, ahead, product, size);
            Product.Multiply(product, columns, gradient, size);
            for (var i = 0; i < size; i++)
            {
                gradient[(i * size) + i] = 0;
            }

            Product.Multiply(columns, gradient, product, size);
            Product.Multiply(product, eigen.Vectors, gradient, size);
            var before = (double[])adjacency.Clone();
            for (var i = 0; i < adjacency.Length; i++)
            {
                adjacency[i] = ahead[i] - gradient[i] - (1 / strength);
            }

            Project(adjacency, size);
            var next = 0.5 * (1 + Math.Sqrt(1 + (4 * momentum * momentum)));
            for (var i = 0; i < adjacency.Length; i++)
            {
                ahead[i] = adjacency[i] + ((momentum - 1) / next * (adjacency[i] - before[i]));
            }

            momentum = next;
        }

        return Edges.Upper(adjacency, size);
    }

    /// <summary>Symmetric, hollow, at least 0; the first row shifted until it sums to 1.</summary>
    private static void Project(double[] matrix, int size)
    {
        var shift = Shift([.. Enumerable.Range(1, size - 1).Select(j => 0.5 * (matrix[j] + matrix[j * size]))]);
        for (var i = 0; i < size; i++)
        {
            matrix[(i * size) + i] = 0;
            for (var j = i + 1; j < size; j++)
            {
                var value = 0.5 * (matrix[(i * size) + j] + matrix[(j * size) + i]);
                matrix[(i * size) + j] = matrix[(j * size) + i] = Math.Max(0, i == 0 ? value - shift : value);
            }
        }
    }

    /// <summary>The threshold of the projection on the simplex.</summary>
    private static double Shift(double[] row)
    {
        Array.Sort(row);
        double sum = 0, shift = 0;
        for (var k = row.Length - 1; k >= 0; k--)
        {
            sum += row[k];
            var candidate = (sum - 1) / (row.Length - k);
            if (row[k] > candidate)
            {
                shift = candidate;
            }
        }

        return shift;
    }
}
