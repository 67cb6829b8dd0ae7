using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// The exact conditional mean K_mo K_oo⁻¹ x_o and covariance K_mm - K_mo K_oo⁻¹ K_om of a zero-mean Gaussian's missing entries, in
/// caller's memory. Cubic in the observed entries.
/// </summary>
internal static class GaussianFill
{
    /// <summary>Replaces the missing entries of a row by their means.</summary>
    /// <param name="covariance">K, N x N, row-major, positive definite.</param>
    /// <param name="row">N numbers.</param>
    /// <param name="observed">Their indices, ascending.</param>
    /// <param name="missing">The others.</param>
    /// <param name="factor">Scratch of o x o; becomes the Cholesky factor of K_oo.</param>
    /// <param name="cross">Scratch of m x o.</param>
    /// <param name="whitened">Scratch of o; becomes L⁻¹ x_o.</param>
    /// <param name="spread">Becomes the conditional covariance, m x m.</param>
    /// <exception cref="InvalidOperationException">K is not positive definite.</exception>
    public static void Fill(
        ReadOnlySpan<double> covariance, Span<float> row, ReadOnlySpan<int> observed, ReadOnlySpan<int> missing,
        Span<double> factor, Span<double> cross, Span<double> whitened, Span<double> spread)
    {
        int size = row.Length, seen = observed.Length, gaps = missing.Length;
        Factor(covariance, size, observed, factor);
        Whiten(factor, row, observed, whitened);
        Gather(covariance, size, missing, observed, cross);
        Lapack.SolveLower(factor, seen, cross, gaps);
        Lapack.MultiplyByTranspose(gaps, seen, cross, spread);
        for (var a = 0; a < gaps; a++)
        {
            row[missing[a]] = seen == 0 ? 0 : (float)Cholesky.Dot(cross.Slice(a * seen, seen), whitened[..seen]);
            for (var b = 0; b < gaps; b++)
            {
                var explained = seen == 0 ? 0 : spread[(a * gaps) + b];
                spread[(a * gaps) + b] = covariance[(missing[a] * size) + missing[b]] - explained;
            }
        }
    }

    /// <summary>log det K_oo and x' K_oo⁻¹ x of the observed entries: their sum is -2 log density, without the constant.</summary>
    public static (double LogDeterminant, double Distance) Deviance(
        ReadOnlySpan<double> covariance, ReadOnlySpan<float> row, ReadOnlySpan<int> observed, Span<double> factor, Span<double> whitened)
    {
        var seen = observed.Length;
        Factor(covariance, row.Length, observed, factor);
        Whiten(factor, row, observed, whitened);
        var determinant = 0d;
        for (var i = 0; i < seen; i++)
        {
            determinant += 2 * Math.Log(factor[(i * seen) + i]);
        }

        return (determinant, Cholesky.Dot(whitened[..seen], whitened[..seen]));
    }

    private static void Factor(ReadOnlySpan<double> covariance, int size, ReadOnlySpan<int> observed, Span<double> factor)
    {
        Gather(covariance, size, observed, observed, factor);
        if (!Lapack.TryFactor(factor, observed.Length))
        {
            throw new InvalidOperationException($"a covariance of {observed.Length} sensors is not positive definite; its noise is too small for its scale");
        }
    }

    private static void Whiten(ReadOnlySpan<double> factor, ReadOnlySpan<float> row, ReadOnlySpan<int> observed, Span<double> whitened)
    {
        for (var i = 0; i < observed.Length; i++)
        {
            whitened[i] = row[observed[i]];
        }

        Lapack.SolveLower(factor, observed.Length, whitened[..observed.Length], 1);
    }

    private static void Gather(ReadOnlySpan<double> matrix, int size, ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, Span<double> block)
    {
        for (var a = 0; a < rows.Length; a++)
        {
            var source = matrix.Slice(rows[a] * size, size);
            var target = block.Slice(a * columns.Length, columns.Length);
            for (var b = 0; b < columns.Length; b++)
            {
                target[b] = source[columns[b]];
            }
        }
    }
}
