using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>
/// Products of square row-major matrices into arrays of the caller. Up to <see cref="LargestManaged"/> rows nothing is allocated;
/// larger ones go to libtorch, on one thread.
/// </summary>
internal static class Product
{
    /// <summary>Up to this many rows the managed kernel is used (`-- graphs speed`).</summary>
    public const int LargestManaged = 128;

    private const int RowsAtOnce = 4;

    /// <summary><paramref name="result"/> = <paramref name="left"/> <paramref name="right"/>. The result may not be one of the factors.</summary>
    public static void Multiply(double[] left, double[] right, double[] result, int size)
    {
        if (size > LargestManaged)
        {
            MultiplyByTorch(left, right, result, size);
            return;
        }

        Multiply(left, right, result, size, size, size);
    }

    /// <summary>The same for a <paramref name="rows"/> x <paramref name="inner"/> by an <paramref name="inner"/> x <paramref name="columns"/> matrix.</summary>
    public static void Multiply(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, int rows, int inner, int columns)
    {
        var lanes = Vector<double>.Count;
        for (var column = 0; column < columns;)
        {
            var width = columns - column >= 2 * lanes ? 2 * lanes : columns - column >= lanes ? lanes : 1;
            for (var row = 0; row < rows;)
            {
                if (rows - row >= RowsAtOnce && width == 2 * lanes)
                {
                    Block(left.Slice(row * inner, RowsAtOnce * inner), right, result.Slice(row * columns, RowsAtOnce * columns), inner, columns, column);
                    row += RowsAtOnce;
                }
                else
                {
                    Strip(left.Slice(row * inner, inner), right, result.Slice(row * columns, columns), columns, column, width);
                    row++;
                }
            }

            column += width;
        }
    }

    /// <summary><paramref name="result"/> = <paramref name="matrix"/>ᵀ.</summary>
    public static void Transpose(ReadOnlySpan<double> matrix, Span<double> result, int size) => Transpose(matrix, result, size, size);

    /// <summary><paramref name="result"/> = <paramref name="matrix"/>ᵀ of a matrix with <paramref name="rows"/> rows.</summary>
    public static void Transpose(ReadOnlySpan<double> matrix, Span<double> result, int rows, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                result[(j * rows) + i] = matrix[(i * columns) + j];
            }
        }
    }

    /// <summary>Four rows by two columns of lanes, which stay in registers.</summary>
    private static void Block(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, int inner, int columns, int column)
    {
        var lanes = Vector<double>.Count;
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right[..(inner * columns)]);
        ref var c = ref MemoryMarshal.GetReference(result);
        Vector<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        for (var k = 0; k < inner; k++)
        {
            var b0 = Kernels.Load(ref b, (k * columns) + column);
            var b1 = Kernels.Load(ref b, (k * columns) + column + lanes);
            var a0 = new Vector<double>(Unsafe.Add(ref a, k));
            c00 = Vector.MultiplyAddEstimate(a0, b0, c00);
            c01 = Vector.MultiplyAddEstimate(a0, b1, c01);
            var a1 = new Vector<double>(Unsafe.Add(ref a, inner + k));
            c10 = Vector.MultiplyAddEstimate(a1, b0, c10);
            c11 = Vector.MultiplyAddEstimate(a1, b1, c11);
            var a2 = new Vector<double>(Unsafe.Add(ref a, (2 * inner) + k));
            c20 = Vector.MultiplyAddEstimate(a2, b0, c20);
            c21 = Vector.MultiplyAddEstimate(a2, b1, c21);
            var a3 = new Vector<double>(Unsafe.Add(ref a, (3 * inner) + k));
            c30 = Vector.MultiplyAddEstimate(a3, b0, c30);
            c31 = Vector.MultiplyAddEstimate(a3, b1, c31);
        }

        Kernels.Store(c00, ref c, column);
        Kernels.Store(c01, ref c, column + lanes);
        Kernels.Store(c10, ref c, columns + column);
        Kernels.Store(c11, ref c, columns + column + lanes);
        Kernels.Store(c20, ref c, (2 * columns) + column);
        Kernels.Store(c21, ref c, (2 * columns) + column + lanes);
        Kernels.Store(c30, ref c, (3 * columns) + column);
        Kernels.Store(c31, ref c, (3 * columns) + column + lanes);
    }

    /// <summary>One row by <paramref name="width"/> columns.</summary>
    private static void Strip(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, int columns, int column, int width)
    {
        if (width == 1)
        {
            var sum = 0d;
            for (var k = 0; k < left.Length; k++)
            {
                sum += left[k] * right[(k * columns) + column];
            }

            result[column] = sum;
            return;
        }

        ref var b = ref MemoryMarshal.GetReference(right[..(left.Length * columns)]);
        for (var first = column; first < column + width; first += Vector<double>.Count)
        {
            var sum = Vector<double>.Zero;
            for (var k = 0; k < left.Length; k++)
            {
                sum = Vector.MultiplyAddEstimate(new Vector<double>(left[k]), Kernels.Load(ref b, (k * columns) + first), sum);
            }

            sum.CopyTo(result[first..]);
        }
    }

    /// <summary>By libtorch, whatever the size.</summary>
    public static void MultiplyByTorch(double[] left, double[] right, double[] result, int size)
    {
        using var thread = new OneThread();
        using var scope = torch.NewDisposeScope();
        var product = Native(left, size).mm(Native(right, size));
        MemoryMarshal.Cast<byte, double>(product.bytes).CopyTo(result);
    }

    /// <summary>A copy in libtorch's memory, for its alignment: see <see cref="Dense"/>.</summary>
    private static torch.Tensor Native(double[] matrix, int size)
    {
        var native = torch.empty([size, size], torch.ScalarType.Float64);
        matrix.AsSpan(0, size * size).CopyTo(MemoryMarshal.Cast<byte, double>(native.bytes));
        return native;
    }
}
