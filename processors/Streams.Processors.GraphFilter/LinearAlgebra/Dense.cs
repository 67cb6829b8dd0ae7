using TorchSharp;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>
/// Square row-major matrices of doubles. The cubic operations go to libtorch, on one thread: the matrices are small, and more threads
/// would make both the time and the last bits depend on what else the machine does.
/// </summary>
internal static class Dense
{
    /// <summary>Eigenvalues in ascending order; column j of <c>Vectors</c> belongs to eigenvalue j.</summary>
    public static (double[] Values, double[] Vectors) Eigen(double[] symmetric, int size)
    {
        using var thread = new OneThread();
        using var scope = torch.NewDisposeScope();
        var (values, vectors) = torch.linalg.eigh(Native(symmetric, size, size));
        return (Managed(values), Managed(vectors));
    }

    /// <summary>U diag(d) Uᵀ.</summary>
    public static double[] FromEigen(double[] vectors, double[] values, int size)
    {
        var scaled = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                scaled[(i * size) + j] = vectors[(i * size) + j] * values[j];
            }
        }

        return MultiplyTransposed(scaled, vectors, size);
    }

    /// <summary>Symmetric root of a positive semidefinite matrix; eigenvalues below a millionth of the largest count as zero.</summary>
    public static double[] SquareRoot(double[] symmetric, int size)
    {
        var (values, vectors) = Eigen(symmetric, size);
        var cut = 1e-6 * Math.Max(values[^1], 0);
        for (var i = 0; i < size; i++)
        {
            values[i] = values[i] > cut ? Math.Sqrt(values[i]) : 0;
        }

        return FromEigen(vectors, values, size);
    }

    private static double[] MultiplyTransposed(double[] left, double[] right, int size)
    {
        using var thread = new OneThread();
        using var scope = torch.NewDisposeScope();
        return Managed(Native(left, size, size).mm(Native(right, size, size).t()));
    }

    /// <summary>
    /// A copy in libtorch's own memory. Its kernels round differently by where in a cache line an array starts; libtorch aligns its
    /// arrays, the managed heap does not, and the same records must give the same bytes.
    /// </summary>
    private static torch.Tensor Native(double[] matrix, int rows, int columns) => torch.tensor(matrix.AsMemory(0, rows * columns), [rows, columns]).clone();

    private static double[] Managed(torch.Tensor tensor) => tensor.contiguous().data<double>().ToArray();
}
