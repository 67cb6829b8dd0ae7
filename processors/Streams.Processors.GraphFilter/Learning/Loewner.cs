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

    /// <summary>
    /// 2 Γ ∘ (diag(g) - T) into <paramref name="weighed"/>, row-major: dF/dL in the basis of the modes; 0 for the modes before <paramref name="first"/>.
    /// </summary>
    public static void Weigh(
        ReadOnlySpan<double> frequencies, ReadOnlySpan<double> gains, ReadOnlySpan<double> slopes, ReadOnlySpan<double> target, int first, Span<double> weighed)
    {
        var size = gains.Length;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var at = (i * size) + j;
                var divided = i < first || j < first ? 0 : Entry(frequencies, gains, slopes, i, j);
                weighed[at] = 2 * divided * ((i == j ? gains[i] : 0) - target[at]);
            }
        }
    }
}
