namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The covariance of few readings, shrunk (Ledoit and Wolf, 2004) towards what any graph could have made: the constant mode as it is, all other modes alike. That
/// commutes with every Laplacian, so no graph is favoured; only the noise between modes gets smaller.
/// </summary>
internal static class FewSamples
{
    /// <summary>Readings a sensor from which the covariance stays as it is.</summary>
    private const double EnoughEach = 6;

    /// <summary><paramref name="covariance"/>, row-major, or what it is shrunk to; itself where the readings behind it are not counted.</summary>
    public static double[] Shrink(double[] covariance, int sensors, double? samples)
    {
        if (samples is not { } count || count >= EnoughEach * sensors)
        {
            return covariance;
        }

        var share = 0.5 * sensors / (sensors + (2 * count));
        double constant = covariance.Sum() / sensors, trace = 0;
        for (var i = 0; i < sensors; i++)
        {
            trace += covariance[i * (sensors + 1)];
        }

        var other = (trace - constant) / Math.Max(1, sensors - 1);
        return [.. covariance.Select((value, i) => ((1 - share) * value) + (share * (((constant - other) / sensors) + (i % (sensors + 1) == 0 ? other : 0))))];
    }
}
