namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Divided differences (f(lambda_i) - f(lambda_j)) / (lambda_i - lambda_j), which tend to f' where eigenvalues meet.</summary>
internal static class Loewner
{
    /// <summary>Gaps below this share of the largest eigenvalue count as none: the difference would have lost its digits.</summary>
    private const double Near = 1e-6;

    public static double Entry(ReadOnlySpan<double> frequencies, ReadOnlySpan<double> values, ReadOnlySpan<double> slopes, int i, int j)
    {
        var gap = frequencies[i] - frequencies[j];
        return Math.Abs(gap) > Near * Math.Max(frequencies[^1], 1e-300) ? (values[i] - values[j]) / gap : 0.5 * (slopes[i] + slopes[j]);
    }
}
