using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs.Baselines;

/// <summary>Covariances that know of no graph.</summary>
internal static class CovarianceEstimates
{
    /// <summary>Ledoit and Wolf 2004: shrunk towards the mean variance times the identity, by the share that the samples themselves suggest.</summary>
    public static double[] LedoitWolf(double[] signals, double[] covariance, int size)
    {
        var rows = signals.Length / size;
        var mean = Enumerable.Range(0, size).Average(i => covariance[(i * size) + i]);
        var spread = Kernels.Dot(covariance, covariance) - (size * mean * mean);
        var means = new double[size];
        for (var i = 0; i < signals.Length; i++)
        {
            means[i % size] += signals[i] / rows;
        }

        var fourth = 0d;
        for (var row = 0; row < rows; row++)
        {
            var square = 0d;
            for (var i = 0; i < size; i++)
            {
                var deviation = signals[(row * size) + i] - means[i];
                square += deviation * deviation;
            }

            fourth += square * square;
        }

        // sum over rows of ||xxᵀ - C||² / T² = (sum of |x|⁴ - T ||C||²) / T²
        var noise = Math.Max(0, (fourth - (rows * Kernels.Dot(covariance, covariance))) / ((double)rows * rows));
        var share = spread > 0 ? Math.Min(1, noise / spread) : 1;
        return [.. covariance.Select((entry, i) => ((1 - share) * entry) + (i % (size + 1) == 0 ? share * mean : 0))];
    }

    /// <summary>Of the signals in order, each counting <paramref name="forgetting"/> times the one after it.</summary>
    public static double[] ExponentiallyWeighted(double[] signals, int size, double forgetting)
    {
        var covariance = new double[size * size];
        for (var row = 0; row < signals.Length / size; row++)
        {
            var share = Math.Max(1 - forgetting, 1.0 / (row + 1));
            var values = signals.AsSpan(row * size, size);
            for (var i = 0; i < size; i++)
            {
                var target = covariance.AsSpan(i * size, size);
                Kernels.AddScaled(target, -share, target);
                Kernels.AddScaled(target, share * values[i], values);
            }
        }

        return covariance;
    }
}
