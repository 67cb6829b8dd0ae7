namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The unit s in which a filter sees the frequencies, x = lambda / s, and what it adds to the gradient.</summary>
internal static class FilterUnit
{
    public static double Of(ReadOnlySpan<double> frequencies, FilterScale scale)
    {
        if (scale == FilterScale.None)
        {
            return 1;
        }

        var sum = 0d;
        foreach (var frequency in frequencies)
        {
            sum += frequency;
        }

        return Math.Max(scale == FilterScale.Mean ? sum / frequencies.Length : frequencies[^1], 1e-300);
    }

    /// <summary>
    /// Every frequency also moves the unit: ds/dlambda_i is 1/N of a mean and 1 of the largest. Adds
    /// - (sum of B_jj x_j) ds/dlambda_i to the diagonal of B, the derivative of the loss in the eigenbasis.
    /// </summary>
    public static void AddDerivative(Span<double> inBasis, ReadOnlySpan<double> points, FilterScale scale)
    {
        if (scale == FilterScale.None)
        {
            return;
        }

        var size = points.Length;
        var through = 0d;
        for (var i = 0; i < size; i++)
        {
            through -= inBasis[(i * size) + i] * points[i];
        }

        for (var i = scale == FilterScale.Mean ? 0 : size - 1; i < size; i++)
        {
            inBasis[(i * size) + i] += scale == FilterScale.Mean ? through / size : through;
        }
    }
}
