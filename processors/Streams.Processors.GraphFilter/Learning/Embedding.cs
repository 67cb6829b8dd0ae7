using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Results over some sensors as results over all; those left out have no edges.</summary>
internal static class Embedding
{
    public static LearnedFilterGraph Into(LearnedFilterGraph part, int[] kept, int sensors)
    {
        var weights = new double[Edges.Count(sensors)];
        var covariance = new double[sensors * sensors];
        for (int i = 0, pair = 0; i < kept.Length; i++)
        {
            covariance[(kept[i] * sensors) + kept[i]] = part.Covariance[(i * kept.Length) + i];
            for (var j = i + 1; j < kept.Length; j++, pair++)
            {
                weights[Edges.Index(kept[i], kept[j], sensors)] = part.Weights[pair];
                covariance[(kept[i] * sensors) + kept[j]] = covariance[(kept[j] * sensors) + kept[i]] = part.Covariance[(i * kept.Length) + j];
            }
        }

        return part with { Vertices = sensors, Weights = weights, Covariance = covariance };
    }

    /// <summary>Nothing to learn from.</summary>
    public static LearnedFilterGraph Empty(int sensors, double[] covariance, IReadOnlyList<string> notes) =>
        new(
            sensors,
            new double[Edges.Count(sensors)],
            2,
            FilterSign.LowPass,
            new FilterResponse([0], [0]),
            0,
            [.. covariance],
            [.. notes, "fewer than two sensors vary: no edges"]);
}
