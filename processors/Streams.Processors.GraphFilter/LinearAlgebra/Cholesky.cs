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

    /// <summary>The inverse of L Lᵀ, row-major.</summary>
    public static double[] Inverse(ReadOnlySpan<double> factor, int size)
    {
        // Row i of 'lower' is column i of L⁻¹, so that the products below run along rows.
        var lower = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            var column = lower.AsSpan(i * size, size);
            column[i] = 1 / factor[(i * size) + i];
            for (var j = i + 1; j < size; j++)
            {
                column[j] = -Dot(factor.Slice((j * size) + i, j - i), column[i..j]) / factor[(j * size) + j];
            }
        }

        var inverse = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                inverse[(i * size) + j] = inverse[(j * size) + i] = Dot(lower.AsSpan((i * size) + i, size - i), lower.AsSpan((j * size) + i, size - i));
            }
        }

        return inverse;
    }

    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
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
