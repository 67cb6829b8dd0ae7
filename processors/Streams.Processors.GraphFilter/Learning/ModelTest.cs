namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Whether a fit is worse than sampling error explains.</summary>
internal static class ModelTest
{
    /// <summary>A graph of the right family leaves less than the whole sampling error, as its weights follow the noise.</summary>
    private const double Tolerance = 1;

    /// <summary>
    /// The root of a covariance of T samples errs by E||dS||_F² = sum of g_i² g_j² (1 + [i = j]) / (T (g_i + g_j)²) to first order, from
    /// E dC_ij² = g_i² g_j² (1 + [i = j]) / T and dC_ij = (g_i + g_j) dS_ij.
    /// </summary>
    public static bool IsRejected(SpectralLoss.Point point, double squaredNorm, double samples) =>
        point.Loss > Tolerance * SamplingError(point.Gains, samples) + (1e-9 * squaredNorm);

    public static double SamplingError(ReadOnlySpan<double> gains, double samples)
    {
        var sum = 0d;
        for (var i = 0; i < gains.Length; i++)
        {
            for (var j = 0; j < gains.Length; j++)
            {
                var total = gains[i] + gains[j];
                sum += total > 0 ? gains[i] * gains[i] * gains[j] * gains[j] / (total * total * samples) * (i == j ? 2 : 1) : 0;
            }
        }

        return sum;
    }
}
