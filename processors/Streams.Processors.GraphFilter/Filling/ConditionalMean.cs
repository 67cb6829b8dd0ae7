using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// The exact mean and covariance of a zero-mean Gaussian's missing entries given the others, from its precision P: covariance
/// (P_mm)⁻¹, mean -(P_mm)⁻¹ P_mo z_o. Cubic in the number of missing entries only, and those are few.
/// </summary>
internal static class ConditionalMean
{
    /// <summary>Puts the mean into the <paramref name="missing"/> entries of <paramref name="values"/> and returns their covariance, row-major.</summary>
    public static double[] Fill(double[] precision, Span<double> values, ReadOnlySpan<int> missing)
    {
        var size = values.Length;
        var count = missing.Length;
        if (count == 0)
        {
            return [];
        }

        foreach (var i in missing)
        {
            values[i] = 0;
        }

        var block = new double[count * count];
        var mean = new double[count];
        for (var a = 0; a < count; a++)
        {
            var row = precision.AsSpan(missing[a] * size, size);
            mean[a] = -Cholesky.Dot(row, values);
            for (var b = 0; b < count; b++)
            {
                block[(a * count) + b] = row[missing[b]];
            }
        }

        if (!Cholesky.TryFactor(block, count))
        {
            throw new InvalidOperationException("a precision matrix is not positive definite; its eigenvalues have a floor, so this cannot be");
        }

        Cholesky.Solve(block, count, mean);
        for (var a = 0; a < count; a++)
        {
            values[missing[a]] = mean[a];
        }

        return Cholesky.Inverse(block, count);
    }
}
