using System.Numerics;
using System.Runtime.InteropServices;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>Small symmetric positive definite systems, solved in place.</summary>
internal static class Cholesky
{
    /// <summary>Overwrites the lower triangle of row-major <paramref name="matrix"/> with its factor. False: not positive definite.</summary>
    public static bool TryFactor(Span<double> matrix, int size)
    {
        for (var i = 0; i < size; i++)
        {
            var row = matrix.Slice(i * size, size);
            for (var j = 0; j <= i; j++)
            {
                var rest = row[j] - Dot(row[..j], matrix.Slice(j * size, j));
                if (j < i)
                {
                    row[j] = rest / matrix[(j * size) + j];
                }
                else if (rest > 0 && double.IsFinite(rest))
                {
                    row[i] = Math.Sqrt(rest);
                }
                else
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Overwrites <paramref name="vector"/> with the solution of L Lᵀ x = vector.</summary>
    public static void Solve(ReadOnlySpan<double> factor, int size, Span<double> vector)
    {
        for (var i = 0; i < size; i++)
        {
            vector[i] = (vector[i] - Dot(factor.Slice(i * size, i), vector[..i])) / factor[(i * size) + i];
        }

        for (var i = size - 1; i >= 0; i--)
        {
            vector[i] /= factor[(i * size) + i];
            for (var j = 0; j < i; j++)
            {
                vector[j] -= factor[(i * size) + j] * vector[i];
            }
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var wideA = MemoryMarshal.Cast<double, Vector<double>>(a);
        var wideB = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < wideA.Length; i++)
        {
            sums += wideA[i] * wideB[i];
        }

        var sum = Vector.Sum(sums);
        for (var i = wideA.Length * Vector<double>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
