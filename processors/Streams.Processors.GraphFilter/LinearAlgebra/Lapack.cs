using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>
/// The cubic operations on spans, without allocation: the BLAS and LAPACK inside libtorch, called past its tensors, on one thread. Row-major
/// throughout: a row-major matrix is the transpose of the column-major one that the routines see. Where libtorch does not export
/// them (<see cref="IsNative"/>) the managed routines of this folder stand in, slower. Spans should come from <see cref="AlignedArray"/>:
/// the kernels round differently by where in a cache line an array starts, and the same records must give the same bytes.
/// </summary>
internal static class Lapack
{
    private const string Library = "torch_cpu";

    /// <summary>Doubles of a cache line: larger blocks of a matrix whose rows are a power of two apart would share too few places in the cache.</summary>
    private const int Line = 8;

    private static readonly bool Exported = Probe();

    [ThreadStatic]
    private static SymmetricEigen? _managed;

    /// <summary>Set for a thread, nothing goes to libtorch's routines there, as where it does not export them: for tests.</summary>
    [field: ThreadStatic]
    public static bool AvoidNative { get; set; }

    /// <summary>Whether the routines come from libtorch.</summary>
    public static bool IsNative => Exported && !AvoidNative;

    /// <summary>Doubles of scratch space that <see cref="Eigen"/> needs.</summary>
    public static int EigenScratch(int size) => 1 + (6 * size) + (2 * size * size);

    /// <summary>Integers of scratch space that <see cref="Eigen"/> needs.</summary>
    public static int EigenIntegers(int size) => 3 + (5 * size);

    /// <summary>Overwrites a symmetric matrix with its eigenvectors, one a row; eigenvalues in ascending order.</summary>
    public static void Eigen(Span<double> matrix, int size, Span<double> values, Span<double> scratch, Span<int> integers)
    {
        if (!IsNative)
        {
            ManagedEigen(matrix, size, values);
            return;
        }

        byte vectors = (byte)'V', triangle = (byte)'L';
        int length = scratch.Length, integerLength = integers.Length;
        var before = mkl_set_num_threads_local(1);
        dsyevd(
            ref vectors, ref triangle, ref size, ref At(matrix), ref size, ref At(values), ref At(scratch), ref length,
            ref MemoryMarshal.GetReference(integers), ref integerLength, out var failure);
        mkl_set_num_threads_local(before);
        if (failure != 0)
        {
            throw new InvalidOperationException($"an eigendecomposition of {size} x {size} ended with {failure}; its entries must be finite");
        }
    }

    /// <summary>C = op(A) op(B), C of <paramref name="rows"/> x <paramref name="columns"/>; the last numbers are the lengths of the rows as stored.</summary>
    public static void Multiply(
        bool transposeA, bool transposeB, int rows, int columns, int inner, ReadOnlySpan<double> a, int strideA, ReadOnlySpan<double> b, int strideB,
        Span<double> c, int strideC)
    {
        if (rows == 0 || columns == 0)
        {
            return;
        }

        if (inner == 0)
        {
            // An empty sum; the routine refuses rows of length 0.
            for (var i = 0; i < rows; i++)
            {
                c.Slice(i * strideC, columns).Clear();
            }

            return;
        }

        if (!IsNative)
        {
            ManagedMultiply(transposeA, transposeB, rows, columns, inner, a, strideA, b, strideB, c, strideC);
            return;
        }

        byte first = Letter(transposeB), second = Letter(transposeA);
        double one = 1, zero = 0;
        var before = mkl_set_num_threads_local(1);
        dgemm(
            ref first, ref second, ref columns, ref rows, ref inner, ref one, ref At(b), ref strideB, ref At(a), ref strideA, ref zero, ref At(c), ref strideC);
        mkl_set_num_threads_local(before);
    }

    /// <summary>C = op(A) op(B) of square matrices.</summary>
    public static void Multiply(bool transposeA, bool transposeB, int size, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c) =>
        Multiply(transposeA, transposeB, size, size, size, a, size, b, size, c, size);

    /// <summary>C = op(A) op(B) of square matrices whose product is known to be symmetric: little more than half the work.</summary>
    public static void MultiplySymmetric(bool transposeA, bool transposeB, int size, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c)
    {
        var panels = size < 96 ? 1 : 8;
        for (var panel = 0; panel < panels; panel++)
        {
            int from = panel * size / panels, to = (panel + 1) * size / panels;
            Multiply(transposeA, transposeB, to - from, to, size, a[(transposeA ? from : from * size)..], size, b, size, c[(from * size)..], size);
        }

        Mirror(c, size);
    }

    /// <summary>C = A Aᵀ, A of <paramref name="rows"/> x <paramref name="inner"/>: little more than half the work of a product.</summary>
    public static void MultiplyByTranspose(int rows, int inner, ReadOnlySpan<double> a, Span<double> c)
    {
        var panels = rows < 96 ? 1 : 8;
        for (var panel = 0; panel < panels; panel++)
        {
            int from = panel * rows / panels, to = (panel + 1) * rows / panels;
            Multiply(false, true, to - from, to, inner, a[(from * inner)..], inner, a, inner, c[(from * rows)..], rows);
        }

        Mirror(c, rows);
    }

    /// <summary>Copies the lower triangle to the upper one.</summary>
    public static void Mirror(Span<double> matrix, int size)
    {
        const int block = Line;
        for (var top = 0; top < size; top += block)
        {
            for (var left = 0; left <= top; left += block)
            {
                for (var i = top; i < Math.Min(top + block, size); i++)
                {
                    for (var j = left; j < Math.Min(left + block, i); j++)
                    {
                        matrix[(j * size) + i] = matrix[(i * size) + j];
                    }
                }
            }
        }
    }

    /// <summary>Copies the upper triangle to the lower one.</summary>
    public static void MirrorUpper(Span<double> matrix, int size)
    {
        const int block = Line;
        for (var top = 0; top < size; top += block)
        {
            for (var left = top; left < size; left += block)
            {
                for (var i = top; i < Math.Min(top + block, size); i++)
                {
                    for (var j = Math.Max(left, i + 1); j < Math.Min(left + block, size); j++)
                    {
                        matrix[(j * size) + i] = matrix[(i * size) + j];
                    }
                }
            }
        }
    }

    /// <summary>Overwrites the lower triangle with the Cholesky factor. False: not positive definite.</summary>
    public static bool TryFactor(Span<double> matrix, int size)
    {
        if (!IsNative || size < 8)
        {
            return Cholesky.TryFactor(matrix, size);
        }

        var triangle = (byte)'U';
        var before = mkl_set_num_threads_local(1);
        dpotrf(ref triangle, ref size, ref At(matrix), ref size, out var failure);
        mkl_set_num_threads_local(before);
        return failure == 0;
    }

    /// <summary>The columns of L⁻¹, one a row. A column starts where its diagonal is: they are solved for in panels, from there on.</summary>
    public static void InvertLower(ReadOnlySpan<double> factor, int size, Span<double> columns)
    {
        const int Panel = 32;
        columns[..(size * size)].Clear();
        for (var from = 0; from < size; from += Panel)
        {
            var to = Math.Min(from + Panel, size);
            for (var i = from; i < to; i++)
            {
                columns[(i * size) + i] = 1;
            }

            var start = (from * size) + from;
            SolveLower(factor[start..], size - from, columns[start..], to - from, size);
        }
    }

    /// <summary>Overwrites each of the rows, of <paramref name="size"/> numbers, with L⁻¹ row.</summary>
    public static void SolveLower(ReadOnlySpan<double> factor, int size, Span<double> rows, int count) => SolveLower(factor, size, rows, count, size);

    /// <param name="factor">L.</param>
    /// <param name="size">Of L.</param>
    /// <param name="rows">Right sides, overwritten.</param>
    /// <param name="count">How many.</param>
    /// <param name="stride">Length of the rows of both as stored.</param>
    private static void SolveLower(ReadOnlySpan<double> factor, int size, Span<double> rows, int count, int stride)
    {
        if (count == 0 || size == 0)
        {
            return;
        }

        if (!IsNative || count * size < 64)
        {
            for (var row = 0; row < count; row++)
            {
                var vector = rows.Slice(row * stride, size);
                for (var i = 0; i < size; i++)
                {
                    vector[i] = (vector[i] - Cholesky.Dot(factor.Slice(i * stride, i), vector[..i])) / factor[(i * stride) + i];
                }
            }

            return;
        }

        byte side = (byte)'L', triangle = (byte)'U', transpose = (byte)'T', diagonal = (byte)'N';
        var one = 1d;
        var before = mkl_set_num_threads_local(1);
        dtrsm(ref side, ref triangle, ref transpose, ref diagonal, ref size, ref count, ref one, ref At(factor), ref stride, ref At(rows), ref stride);
        mkl_set_num_threads_local(before);
    }

    private static byte Letter(bool transpose) => transpose ? (byte)'T' : (byte)'N';

    private static ref double At(ReadOnlySpan<double> span) => ref Unsafe.AsRef(in MemoryMarshal.GetReference(span));

    private static bool Probe()
    {
        // TorchSharp knows where libtorch lies; after its first call the library is in the process and found by name.
        _ = torch.get_num_threads();
        return NativeLibrary.TryLoad(Library, typeof(Lapack).Assembly, null, out var handle)
            && new[] { "dsyevd_", "dgemm_", "dpotrf_", "dtrsm_", "MKL_Set_Num_Threads_Local" }.All(name => NativeLibrary.TryGetExport(handle, name, out _));
    }

    private static void ManagedEigen(Span<double> matrix, int size, Span<double> values)
    {
        var eigen = _managed is { } used && used.Size == size ? used : _managed = new SymmetricEigen(size);
        eigen.Decompose(matrix[..(size * size)]);
        eigen.Values.CopyTo(values);
        eigen.Vectors.CopyTo(matrix);
    }

    /// <summary>Along the rows of op(B), which is copied where B is stored the other way round.</summary>
    private static void ManagedMultiply(
        bool transposeA, bool transposeB, int rows, int columns, int inner, ReadOnlySpan<double> a, int strideA, ReadOnlySpan<double> b, int strideB,
        Span<double> c, int strideC)
    {
        var right = transposeB ? new double[inner * columns] : [];
        for (var j = 0; j < columns && transposeB; j++)
        {
            for (var k = 0; k < inner; k++)
            {
                right[(k * columns) + j] = b[(j * strideB) + k];
            }
        }

        for (var i = 0; i < rows; i++)
        {
            var row = c.Slice(i * strideC, columns);
            row.Clear();
            for (var k = 0; k < inner; k++)
            {
                Kernels.AddScaled(row, a[transposeA ? (k * strideA) + i : (i * strideA) + k], transposeB ? right.AsSpan(k * columns, columns) : b.Slice(k * strideB, columns));
            }
        }
    }

    [DllImport(Library, EntryPoint = "MKL_Set_Num_Threads_Local")]
    private static extern int mkl_set_num_threads_local(int threads);

    [DllImport(Library, EntryPoint = "dsyevd_")]
    private static extern void dsyevd(
        ref byte job, ref byte triangle, ref int size, ref double matrix, ref int stride, ref double values, ref double scratch, ref int length,
        ref int integers, ref int integerLength, out int failure);

    [DllImport(Library, EntryPoint = "dgemm_")]
    private static extern void dgemm(
        ref byte transposeA, ref byte transposeB, ref int rows, ref int columns, ref int inner, ref double alpha, ref double a, ref int strideA,
        ref double b, ref int strideB, ref double beta, ref double c, ref int strideC);

    [DllImport(Library, EntryPoint = "dpotrf_")]
    private static extern void dpotrf(ref byte triangle, ref int size, ref double matrix, ref int stride, out int failure);

    [DllImport(Library, EntryPoint = "dtrsm_")]
    private static extern void dtrsm(
        ref byte side, ref byte triangle, ref byte transpose, ref byte diagonal, ref int rows, ref int columns, ref double alpha, ref double factor,
        ref int strideFactor, ref double matrix, ref int stride);
}
