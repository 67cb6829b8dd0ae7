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

        var lanes = Vector<double>.Count;
        for (var column = 0; column < size;)
        {
            var width = size - column >= 2 * lanes ? 2 * lanes : size - column >= lanes ? lanes : 1;
            for (var row = 0; row < size; row += RowsAtOnce)
            {
                var rows = Math.Min(RowsAtOnce, size - row);
                if (rows < RowsAtOnce || width < 2 * lanes)
                {
                    for (var i = row; i < row + rows; i++)
                    {
                        Strip(left, right, result, size, i, column, width);
                    }
                }
                else
                {
                    Block(left, right, result, size, row, column);
                }
            }

            column += width;
        }
    }

    /// <summary><paramref name="result"/> = <paramref name="matrix"/>ᵀ.</summary>
    public static void Transpose(double[] matrix, double[] result, int size)
    {
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                result[(j * size) + i] = matrix[(i * size) + j];
            }
        }
    }

    /// <summary>Four rows by two columns of lanes, which stay in registers.</summary>
    private static void Block(double[] left, double[] right, double[] result, int size, int row, int column)
    {
        var lanes = Vector<double>.Count;
        ref var a = ref MemoryMarshal.GetReference(left.AsSpan(row * size, RowsAtOnce * size));
        ref var b = ref MemoryMarshal.GetReference(right.AsSpan(0, size * size));
        ref var c = ref MemoryMarshal.GetReference(result.AsSpan(row * size, RowsAtOnce * size));
        Vector<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        for (var k = 0; k < size; k++)
        {
            var b0 = Kernels.Load(ref b, (k * size) + column);
            var b1 = Kernels.Load(ref b, (k * size) + column + lanes);
            var a0 = new Vector<double>(Unsafe.Add(ref a, k));
            c00 = Vector.MultiplyAddEstimate(a0, b0, c00);
            c01 = Vector.MultiplyAddEstimate(a0, b1, c01);
            var a1 = new Vector<double>(Unsafe.Add(ref a, size + k));
            c10 = Vector.MultiplyAddEstimate(a1, b0, c10);
            c11 = Vector.MultiplyAddEstimate(a1, b1, c11);
            var a2 = new Vector<double>(Unsafe.Add(ref a, (2 * size) + k));
            c20 = Vector.MultiplyAddEstimate(a2, b0, c20);
            c21 = Vector.MultiplyAddEstimate(a2, b1, c21);
            var a3 = new Vector<double>(Unsafe.Add(ref a, (3 * size) + k));
            c30 = Vector.MultiplyAddEstimate(a3, b0, c30);
            c31 = Vector.MultiplyAddEstimate(a3, b1, c31);
        }

        Kernels.Store(c00, ref c, column);
        Kernels.Store(c01, ref c, column + lanes);
        Kernels.Store(c10, ref c, size + column);
        Kernels.Store(c11, ref c, size + column + lanes);
        Kernels.Store(c20, ref c, (2 * size) + column);
        Kernels.Store(c21, ref c, (2 * size) + column + lanes);
        Kernels.Store(c30, ref c, (3 * size) + column);
        Kernels.Store(c31, ref c, (3 * size) + column + lanes);
    }

    /// <summary>One row by <paramref name="width"/> columns.</summary>
    private static void Strip(double[] left, double[] right, double[] result, int size, int row, int column, int width)
    {
        if (width == 1)
        {
            var sum = 0d;
            for (var k = 0; k < size; k++)
            {
                sum += left[(row * size) + k] * right[(k * size) + column];
            }

            result[(row * size) + column] = sum;
            return;
        }

        for (var first = column; first < column + width; first += Vector<double>.Count)
        {
            var sum = Vector<double>.Zero;
            ref var b = ref MemoryMarshal.GetReference(right.AsSpan(0, size * size));
            for (var k = 0; k < size; k++)
            {
                sum = Vector.MultiplyAddEstimate(new Vector<double>(left[(row * size) + k]), Kernels.Load(ref b, (k * size) + first), sum);
            }

            sum.CopyTo(result, (row * size) + first);
        }
    }

    private static void MultiplyByTorch(double[] left, double[] right, double[] result, int size)
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
