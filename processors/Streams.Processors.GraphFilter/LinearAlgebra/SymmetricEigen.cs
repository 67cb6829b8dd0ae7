using System.Runtime.InteropServices;
using TorchSharp;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>
/// Eigenvalues and eigenvectors of symmetric matrices of one size; the arrays are kept and used again, so that up to
/// <see cref="LargestManaged"/> rows nothing is allocated after the constructor. Residual and orthogonality are a few units of
/// rounding times the largest eigenvalue, repeated eigenvalues included. Not for two threads at once.
/// <para>
/// Small matrices: reduction to tridiagonal form by Householder reflections, then QL steps with implicit shifts (Golub and Van Loan,
/// Matrix Computations, 8.3), all of it along rows. Larger ones: libtorch's eigh, on one thread.
/// </para>
/// </summary>
internal sealed class SymmetricEigen
{
    /// <summary>Up to this many rows the managed solver is used: there it is the faster one (`-- graphs speed`).</summary>
    public const int LargestManaged = 112;

    private readonly double[] _work;
    private readonly double[] _offDiagonal;
    private readonly double[] _scratch;
    private readonly TridiagonalQl? _ql;

    public SymmetricEigen(int size)
        : this(size, size > LargestManaged)
    {
    }

    /// <summary>With a solver of choice, to compare them.</summary>
    public SymmetricEigen(int size, bool useTorch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Size = size;
        Values = new double[size];
        Vectors = new double[size * size];
        (_work, _offDiagonal, _scratch) = ([], [], []);
        if (!useTorch)
        {
            (_work, _offDiagonal, _scratch) = (new double[size * size], new double[size], new double[2 * size]);
            _ql = new TridiagonalQl(size);
        }
    }

    /// <summary>Rows of the matrix.</summary>
    public int Size { get; }

    /// <summary>Eigenvalues in ascending order, overwritten by the next call.</summary>
    public double[] Values { get; }

    /// <summary>
    /// Row-major; <b>row</b> j is the unit eigenvector of eigenvalue j, overwritten by the next call. In the usual notation A = U Λ Uᵀ
    /// this is Uᵀ: <c>Vectors[(j * Size) + i]</c> is entry i of eigenvector j.
    /// </summary>
    public double[] Vectors { get; }

    /// <summary>Decomposes <paramref name="matrix"/>, row-major and symmetric, which is left as it is.</summary>
    /// <exception cref="ArgumentException">Not Size² entries, or not all of them finite.</exception>
    public void Decompose(ReadOnlySpan<double> matrix)
    {
        if (matrix.Length != Size * Size)
        {
            throw new ArgumentException($"{matrix.Length} entries; a matrix of {Size} rows has {Size * Size}", nameof(matrix));
        }

        var largest = 0d;
        foreach (var entry in matrix)
        {
            if (!double.IsFinite(entry))
            {
                throw new ArgumentException($"an entry is {entry}; all must be finite", nameof(matrix));
            }

            largest = Math.Max(largest, Math.Abs(entry));
        }

        if (_ql is null)
        {
            DecomposeByTorch(matrix);
            return;
        }

        // Scaled to a largest entry of 1, squares can neither overflow nor vanish together.
        var scale = largest > 0 ? largest : 1;
        for (var i = 0; i < matrix.Length; i++)
        {
            _work[i] = matrix[i] / scale;
        }

        Reduce();
        FormReflections();
        _ql.Diagonalise(Values, _offDiagonal, Vectors);
        foreach (ref var value in Values.AsSpan())
        {
            value *= scale;
        }
    }

    /// <summary>T = Qᵀ A Q. Reflection k stays in row k of the work array, right of the diagonal, its factor 2/vᵀv in the scratch.</summary>
    private void Reduce()
    {
        var size = Size;
        var factors = _scratch.AsSpan(0, size);
        for (var k = 0; k < size - 1; k++)
        {
            var first = k + 1;
            var reflection = _work.AsSpan((k * size) + first, size - first);
            Values[k] = _work[(k * size) + k];
            var tail = Kernels.Dot(reflection[1..], reflection[1..]);
            if (tail == 0)
            {
                (_offDiagonal[k], factors[k]) = (reflection[0], 0);
                continue;
            }

            var norm = Math.Sqrt((reflection[0] * reflection[0]) + tail);
            _offDiagonal[k] = reflection[0] > 0 ? -norm : norm;
            reflection[0] -= _offDiagonal[k];
            var factor = factors[k] = 2 / ((reflection[0] * reflection[0]) + tail);

            // A - v wᵀ - w vᵀ with w = p - (factor vᵀp / 2) v, p = factor A v.
            var update = _scratch.AsSpan(size, size - first);
            for (var i = first; i < size; i++)
            {
                update[i - first] = factor * Kernels.Dot(_work.AsSpan((i * size) + first, size - first), reflection);
            }

            Kernels.AddScaled(update, -0.5 * factor * Kernels.Dot(update, reflection), reflection);
            for (var i = first; i < size; i++)
            {
                Kernels.AddScaled(_work.AsSpan((i * size) + first, size - first), -reflection[i - first], update, -update[i - first], reflection);
            }
        }

        if (size > 0)
        {
            Values[size - 1] = _work[^1];
            _offDiagonal[size - 1] = 0;
        }
    }

    /// <summary>Qᵀ into the vectors, from the last reflection to the first, each on the block it touches.</summary>
    private void FormReflections()
    {
        var size = Size;
        Array.Clear(Vectors);
        for (var i = 0; i < size; i++)
        {
            Vectors[(i * size) + i] = 1;
        }

        for (var k = size - 2; k >= 0; k--)
        {
            var factor = _scratch[k];
            if (factor == 0)
            {
                continue;
            }

            var first = k + 1;
            var reflection = _work.AsSpan((k * size) + first, size - first);
            for (var i = first; i < size; i++)
            {
                var row = Vectors.AsSpan((i * size) + first, size - first);
                Kernels.AddScaled(row, -factor * Kernels.Dot(row, reflection), reflection);
            }
        }
    }

    private void DecomposeByTorch(ReadOnlySpan<double> matrix)
    {
        using var thread = new OneThread();
        using var scope = torch.NewDisposeScope();
        var native = torch.empty([Size, Size], torch.ScalarType.Float64);
        matrix.CopyTo(Entries(native));
        var (values, vectors) = torch.linalg.eigh(native);
        Entries(values.contiguous()).CopyTo(Values);
        Entries(vectors.t().contiguous()).CopyTo(Vectors);
    }

    private static Span<double> Entries(torch.Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.bytes);
}
