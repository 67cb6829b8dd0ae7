namespace Streams.Processors.GraphFilter.Filling;

internal static class Correlations
{
    /// <summary>Overwrites a covariance with its correlations; a sensor without variance has none with the others.</summary>
    public static void Standardise(Span<double> matrix, int size)
    {
        Span<double> scales = stackalloc double[size];
        var any = false;
        for (var i = 0; i < size; i++)
        {
            var variance = matrix[(i * size) + i];
            scales[i] = variance > 1e-12 ? 1 / Math.Sqrt(variance) : 0;
            any |= variance > 1e-12;
        }

        for (var i = 0; i < size; i++)
        {
            var row = matrix.Slice(i * size, size);
            for (var j = 0; j < size; j++)
            {
                // Before the first row a common mode stands in.
                row[j] = i == j ? 1 : any ? row[j] * scales[i] * scales[j] : CommonMode.Correlation;
            }
        }
    }
}
