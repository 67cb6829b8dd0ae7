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
            throw new ArgumentException($"{samples.Length} values of {sensors} sensors; give at least two sensors and two whole rows", nameof(samples));
        }

        var rows = samples.Length / sensors;
        var means = new double[sensors];
        for (var i = 0; i < samples.Length; i++)
        {
            means[i % sensors] += samples[i] / rows;
        }

        var covariance = new double[sensors * sensors];
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < sensors; i++)
            {
                var deviation = (samples[(row * sensors) + i] - means[i]) / (rows - 1);
                for (var j = 0; j <= i; j++)
                {
                    covariance[(i * sensors) + j] += deviation * (samples[(row * sensors) + j] - means[j]);
                }
            }
        }

        for (var i = 0; i < sensors; i++)
        {
            for (var j = 0; j < i; j++)
            {
                covariance[(j * sensors) + i] = covariance[(i * sensors) + j];
            }
        }

        return FromCovariance(covariance, sensors, options);
    }

    /// <summary>Learns from a symmetric, row-major covariance.</summary>
    /// <exception cref="ArgumentException">Not a finite square matrix of at least two sensors.</exception>
    public static LearnedFilterGraph FromCovariance(double[] covariance, int sensors, FigLearnOptions? options = null)
    {
        options ??= new FigLearnOptions();
        if (sensors < 2 || covariance.Length != sensors * sensors || !covariance.All(double.IsFinite))
        {
            throw new ArgumentException($"{covariance.Length} entries for {sensors} sensors; give at least two sensors and a finite square matrix", nameof(covariance));
        }

        var root = Dense.SquareRoot(covariance, sensors);
        if (options.Sign != FilterSign.Auto)
        {
            return Learn(root, sensors, options.Sign, options, [$"the sign ({options.Sign}) was declared"]);
        }

        if (options.WithoutConstantMode)
        {
            return Learn(root, sensors, FilterSign.LowPass, options, ["without the constant mode the sign cannot be told: low-pass assumed"]);
        }

        var sign = GraphLearner.SignOf(root, sensors);
        if (sign != FilterSign.Auto)
        {
            return Learn(root, sensors, sign, options, []);
        }

        string[] note = ["the constant mode does not tell the sign: the sparser graph was taken"];
        var low = Learn(root, sensors, FilterSign.LowPass, options, note);
        var high = Learn(root, sensors, FilterSign.HighPass, options, note);
        return low.Edges().Count <= high.Edges().Count ? low : high;
    }

    private static LearnedFilterGraph Learn(double[] root, int sensors, FilterSign sign, FigLearnOptions options, string[] notes)
    {
        var learner = GraphLearner.Start(root, sensors, sign, options.WithoutConstantMode);
        return learner.Describe(learner.Learn(root, options.Iterations), root, notes);
    }
}
