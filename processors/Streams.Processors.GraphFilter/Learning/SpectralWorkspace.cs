using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The eigenbasis of one Laplacian after another, in arrays that are used again: what every loss over graphs needs.</summary>
internal sealed class SpectralWorkspace(int size)
{
    private readonly SymmetricEigen _eigen = new(size);
    private readonly double[] _matrix = new double[size * size];
    private readonly double[] _columns = new double[size * size];
    private readonly double[] _product = new double[size * size];

    public int Size => size;

    /// <summary>Eigenvalues lambda of the Laplacian, ascending, the first exactly 0.</summary>
    public double[] Frequencies => _eigen.Values;

    /// <summary>Row j is the eigenvector of frequency j.</summary>
    public double[] Modes => _eigen.Vectors;

    /// <summary>Column j is the eigenvector of frequency j.</summary>
    public double[] Columns => _columns;

    /// <summary>Takes the Laplacian of the weights, in the order of <see cref="Edges"/>.</summary>
    public void Decompose(ReadOnlySpan<double> weights)
    {
        Edges.Laplacian(weights, size, _matrix);

        // The constant vector is exactly an eigenvector of the eigenvalue 0. Pushed below all others it comes first even when the graph
        // falls apart and has more eigenvalues of 0.
        var push = 0d;
        for (var i = 0; i < size; i++)
        {
            push += _matrix[(i * size) + i] / size;
        }

        push = (push > 0 ? push : 1) / size;
        foreach (ref var entry in _matrix.AsSpan())
        {
            entry -= push;
        }

        _eigen.Decompose(_matrix);
        Product.Transpose(_eigen.Vectors, _columns, size);
        _eigen.Values[0] = 0;
        for (var i = 1; i < size; i++)
        {
            _eigen.Values[i] = Math.Max(_eigen.Values[i], 0);
        }
    }

    /// <summary><paramref name="result"/> = Uᵀ M U.</summary>
    public void ToBasis(double[] matrix, double[] result)
    {
        Product.Multiply(_eigen.Vectors, matrix, _product, size);
        Product.Multiply(_product, _columns, result, size);
    }

    /// <summary><paramref name="result"/> = U B Uᵀ.</summary>
    public void FromBasis(double[] matrix, double[] result)
    {
        Product.Multiply(_columns, matrix, _product, size);
        Product.Multiply(_product, _eigen.Vectors, result, size);
    }

    /// <summary>U diag(d) Uᵀ.</summary>
    public double[] FromBasis(ReadOnlySpan<double> diagonal)
    {
        var result = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                _matrix[(i * size) + j] = _columns[(i * size) + j] * diagonal[j];
            }
        }

        Product.Multiply(_matrix, _eigen.Vectors, result, size);
        return result;
    }

    /// <summary>
    /// dF/dA of every pair from B, the derivative of F with respect to the Laplacian in its eigenbasis: G_ii + G_jj - 2 G_ij of
    /// G = U B Uᵀ.
    /// </summary>
    public void EdgeGradient(double[] inBasis, Span<double> gradient)
    {
        FromBasis(inBasis, _matrix);
        for (int i = 0, edge = 0; i < size; i++)
        {
            var row = _matrix.AsSpan(i * size, size);
            for (var j = i + 1; j < size; j++, edge++)
            {
                gradient[edge] = row[i] + _matrix[(j * size) + j] - row[j] - _matrix[(j * size) + i];
            }
        }
    }
}
