namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// The prior before anything is learned: standardised readings share one common mode, K = r 11ᵀ + (1 - r) I + s² I. It is far better
/// than independence when most readings are missing.
/// </summary>
internal static class CommonMode
{
    /// <summary>r, the correlation of any two sensors.</summary>
    public const double Correlation = 0.5;

    /// <summary>Mean and variance of a missing entry given the sum of <paramref name="count"/> observed ones.</summary>
    public static (double Mean, double Variance) Predict(double sum, int count, double noise)
    {
        var own = 1 - Correlation + noise;
        var total = (Correlation * count) + own;
        return (Correlation * sum / total, 1 + noise - (Correlation * Correlation * count / total));
    }

    /// <summary>K⁻¹, row-major.</summary>
    public static double[] Precision(int size, double noise)
    {
        var own = 1 - Correlation + noise;
        var shared = Correlation / (own * ((Correlation * size) + own));
        var precision = new double[size * size];
        Array.Fill(precision, -shared);
        for (var i = 0; i < size; i++)
        {
            precision[(i * size) + i] += 1 / own;
        }

        return precision;
    }
}
