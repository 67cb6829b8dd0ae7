using Streams.Processors.GraphFilter.Learning;

namespace Streams.Benchmarks.Graphs.Baselines;

/// <summary>
/// The log-degree model of Kalofolias 2016, min over w >= 0 of 2 wᵀz - 1ᵀ log(K w) + ||w||² with K w the degrees and z the mean squared differences
/// times a scale, by the proximal gradient steps of Saboksayr and Mateos 2021: over the whole covariance, or one step for every sample.
/// </summary>
internal static class LogDegree
{
    /// <summary>Of z over its mean.</summary>
    public static readonly double[] Scales = [0.2, 0.5, 1, 2, 5, 10, 20];

    private const int Iterations = 1_000;
    private const double Forgetting = 0.997;

    public static double[] Solve(double[] covariance, int size, double scale)
    {
        var distances = Distances(covariance, size);
        var unit = scale / distances.Average();
        var weights = Enumerable.Repeat(1.0, distances.Length).ToArray();
        var degrees = new double[size];
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            Step(weights, degrees, distances, unit);
        }

        return weights;
    }

    /// <summary>After all the signals, seen once and in order.</summary>
    public static double[] Track(double[] signals, int size, double scale)
    {
        var distances = new double[Edges.Count(size)];
        var weights = Enumerable.Repeat(1.0, distances.Length).ToArray();
        var degrees = new double[size];
        for (var row = 0; row < signals.Length / size; row++)
        {
            var share = Math.Max(1 - Forgetting, 1.0 / (row + 1));
            for (int i = 0, edge = 0; i < size; i++)
            {
                for (var j = i + 1; j < size; j++, edge++)
                {
                    var difference = signals[(row * size) + i] - signals[(row * size) + j];
                    distances[edge] += share * ((difference * difference) - distances[edge]);
                }
            }

            Step(weights, degrees, distances, scale / distances.Average());
        }

        return weights;
    }

    private static double[] Distances(double[] covariance, int size)
    {
        var distances = new double[Edges.Count(size)];
        for (int i = 0, edge = 0; i < size; i++)
        {
            for (var j = i + 1; j < size; j++, edge++)
            {
                distances[edge] = covariance[(i * size) + i] + covariance[(j * size) + j] - (2 * covariance[(i * size) + j]);
            }
        }

        return distances;
    }

    private static void Step(double[] weights, double[] degrees, double[] distances, double unit)
    {
        var size = degrees.Length;
        Array.Clear(degrees);
        for (int i = 0, edge = 0; i < size; i++)
        {
            for (var j = i + 1; j < size; j++, edge++)
            {
                degrees[i] += weights[edge];
                degrees[j] += weights[edge];
            }
        }

        var least = Math.Max(degrees.Min(), 1e-6);
        var rate = 1 / (2 + (2 * (size - 1) / (least * least)));
        for (int i = 0, edge = 0; i < size; i++)
        {
            for (var j = i + 1; j < size; j++, edge++)
            {
                var pull = (1 / Math.Max(degrees[i], 1e-6)) + (1 / Math.Max(degrees[j], 1e-6));
                weights[edge] = Math.Max(0, weights[edge] - (rate * ((2 * weights[edge]) + (2 * unit * distances[edge]) - pull)));
            }
        }
    }
}
