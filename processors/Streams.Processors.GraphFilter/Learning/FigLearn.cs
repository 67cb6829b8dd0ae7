using System.Globalization;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// Learns a graph and a filter from readings: x = g(L) w with white w, fitted by optimal transport between Gaussians
/// (after Minder et al., FiGLearn, arXiv 2010.15457), with the filter in closed form.
/// </summary>
public static class FigLearn
{
    /// <summary>Learns from <paramref name="samples"/>, row by row, one value per sensor, none missing.</summary>
    /// <exception cref="ArgumentException">Fewer than two sensors or rows, or values that are not numbers.</exception>
    public static LearnedFilterGraph FromSamples(ReadOnlySpan<double> samples, int sensors, FigLearnOptions? options = null)
    {
        if (sensors < 2 || samples.Length < 2 * sensors || samples.Length % sensors != 0)
        {
            throw new ArgumentException(
                $"{samples.Length} values of {sensors} sensors; give at least two sensors and two whole rows", nameof(samples));
        }

        var rows = samples.Length / sensors;
        var means = new double[sensors];
        for (var i = 0; i < samples.Length; i++)
        {
            if (!double.IsFinite(samples[i]))
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"row {i / sensors} of sensor {i % sensors} is {samples[i]}; leave such rows out, or fill them first"),
                    nameof(samples));
            }

            means[i % sensors] += samples[i] / rows;
        }

        var covariance = new double[sensors * sensors];
        var deviations = new double[sensors];
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < sensors; i++)
            {
                deviations[i] = samples[(row * sensors) + i] - means[i];
            }

            for (var i = 0; i < sensors; i++)
            {
                Kernels.AddScaled(covariance.AsSpan(i * sensors, sensors), deviations[i] / (rows - 1), deviations);
            }
        }

        for (var i = 0; i < sensors; i++)
        {
            for (var j = 0; j < i; j++)
            {
                covariance[(j * sensors) + i] = covariance[(i * sensors) + j];
            }
        }

        options ??= new FigLearnOptions();
        return FromCovariance(covariance, sensors, options with { Samples = options.Samples ?? rows });
    }

    /// <summary>Learns from a symmetric, row-major covariance.</summary>
    /// <exception cref="ArgumentException">Not a finite, symmetric square matrix of at least two sensors with variances of at least 0.</exception>
    public static LearnedFilterGraph FromCovariance(double[] covariance, int sensors, FigLearnOptions? options = null)
    {
        options ??= new FigLearnOptions();
        if (sensors < 2 || covariance.Length != sensors * sensors || !covariance.All(double.IsFinite))
        {
            throw new ArgumentException(
                $"{covariance.Length} entries for {sensors} sensors; give at least two sensors and a finite square matrix", nameof(covariance));
        }

        var view = SensorSelection.Of(covariance, sensors);
        if (view.Kept.Length < 2)
        {
            return Embedding.Empty(sensors, covariance, view.Notes);
        }

        var shrunk = options.Scheme == FigLearnScheme.Alternating ? view.Covariance : FewSamples.Shrink(view.Covariance, view.Kept.Length, options.Samples);
        var learned = new FigLearnRun(shrunk, view.Kept.Length, options, view.Notes).Learn();
        return view.Kept.Length == sensors ? learned : Embedding.Into(learned, view.Kept, sensors);
    }
}
