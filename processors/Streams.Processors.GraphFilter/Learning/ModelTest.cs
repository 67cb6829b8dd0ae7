namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Whether a fit is worse than sampling error explains.</summary>
internal static class ModelTest
{
    /// <summary>A graph of the right family leaves less than the whole sampling error, as its weights follow the noise.</summary>
    public const double Rejected = 2;

    /// <summary>Share of the squared norm that passes however many the samples: no real network is a model to the last digit.</summary>
    public const double Negligible = 0.02;

    /// <summary>Loss over sampling error.</summary>
    public static double Misfit(SpectralLoss.Point point, double samples) => point.Loss / Math.Max(SamplingError(point.Gains, samples), 1e-300);

    /// <summary>
    /// The root of a covariance of T samples errs by E||dS||_F² = sum of g_i² g_j² (1 + [i = j]) / (T (g_i + g_j)²) to first order, from
    /// E dC_ij² = g_i² g_j² (1 + [i = j]) / T and dC_ij = (g_i + g_j) dS_ij.
    /// </summary>
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
