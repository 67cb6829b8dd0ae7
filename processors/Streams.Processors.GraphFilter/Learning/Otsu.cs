namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Splits numbers into two classes so that the variance between them is largest. Affine changes of the numbers change nothing.</summary>
internal static class Otsu
{
    /// <summary>A threshold halfway between the classes; null when the numbers are all alike.</summary>
    public static double? Threshold(ReadOnlySpan<double> numbers)
    {
        var sorted = numbers.ToArray();
        Array.Sort(sorted);
        if (sorted.Length < 2 || sorted[^1] - sorted[0] < 1e-9 * Math.Max(1, Math.Abs(sorted[^1])))
        {
            return null;
        }

        var total = sorted.Sum();
        double below = 0, best = -1, threshold = 0;
        for (var i = 0; i + 1 < sorted.Length; i++)
        {
            below += sorted[i];
            double lower = i + 1, upper = sorted.Length - lower;
            var gap = (below / lower) - ((total - below) / upper);
            var between = lower * upper * gap * gap;
            if (between > best && sorted[i + 1] > sorted[i])
            {
                (best, threshold) = (between, 0.5 * (sorted[i] + sorted[i + 1]));
            }
        }

        return threshold;
    }
}
