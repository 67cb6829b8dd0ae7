using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Drift;

/// <summary>
/// Whether the last rows still look like what is known of the network: the whitened-spectrum test. R is their covariance, gaps in
/// expectation, and K = L Lᵀ the one that is known; without a change D = L⁻¹ R L⁻ᵀ scatters about I. Whitening by L instead of by the
/// modes over their gains leaves ||D - I||_F as it is and does not jump when modes change places. A gap that is filled with its
/// conditional mean and covariance adds nothing to D - I, not even noise, where a posterior sample would add a whole draw; what o
/// observed entries add is o² + o in expectation, so that the statistic is near 1 at any share of gaps. It is compared, as a logarithm,
/// with its own lagged median and median absolute deviation.
/// </summary>
internal sealed class DriftDetector(int sensors, DriftOptions options)
{
    private readonly float[] _reference = new float[options.ReferenceTests + options.Lag];

    /// <summary>Covariance of the last rows.</summary>
    public RecursiveCovariance Short { get; private init; } = new(sensors, 1 - options.Rate);

    /// <summary>Sum over the rows in <see cref="Short"/> of squared weight times o² + o, with o observed entries.</summary>
    public double Expected { get; set; }

    /// <summary>Tests so far since the last restart.</summary>
    public long Tests { get; set; }

    /// <summary>The last statistic; about 1 when nothing has changed.</summary>
    public double Statistic { get; set; }

    /// <summary>Logarithms of the last statistics, a ring.</summary>
    public Span<float> Reference => _reference;

    /// <summary>Takes a row in, its gaps filled, with their conditional covariance.</summary>
    public void Add(ReadOnlySpan<float> row, ReadOnlySpan<int> missing, ReadOnlySpan<double> spread)
    {
        var gain = Short.Add(row);
        Short.AddSpread(gain, missing, spread);
        double seen = sensors - missing.Length;
        Expected = ((1 - gain) * (1 - gain) * Expected) + (gain * gain * ((seen * seen) + seen));
    }

    /// <summary>Tests the last rows. True: an alarm, after which the test starts over.</summary>
    /// <param name="covariance">K, N x N; destroyed.</param>
    /// <param name="scratch">N x N.</param>
    public bool Test(Span<double> covariance, Span<double> scratch)
    {
        Statistic = Distance(covariance, scratch);
        var value = (float)Math.Log(Statistic + 1e-9);
        var alarm = Tests >= _reference.Length && value > Limit();
        Tests = alarm ? 0 : Tests + 1;
        _reference[(int)((Tests + _reference.Length - 1) % _reference.Length)] = value;
        return alarm;
    }

    /// <summary>||D - I||_F² over its expectation.</summary>
    private double Distance(Span<double> covariance, Span<double> scratch)
    {
        if (!Lapack.TryFactor(covariance, sensors))
        {
            throw new InvalidOperationException($"the covariance of {sensors} sensors is not positive definite; its variances have a floor, so this cannot be");
        }

        Symmetric.Unpack(Short.Lower, sensors, scratch);
        Lapack.SolveLower(covariance, sensors, scratch, sensors);
        Transpose(scratch, sensors);
        Lapack.SolveLower(covariance, sensors, scratch, sensors);
        var sum = 0d;
        for (var i = 0; i < sensors; i++)
        {
            scratch[(i * sensors) + i] -= 1;
            var row = scratch.Slice(i * sensors, sensors);
            sum += Cholesky.Dot(row, row);
        }

        return Expected > 0 ? sum / Expected : 1;
    }

    private float Limit()
    {
        Span<float> reference = stackalloc float[options.ReferenceTests];
        for (var i = 0; i < reference.Length; i++)
        {
            reference[i] = _reference[(int)((Tests + i) % _reference.Length)];
        }

        var median = Median(reference);
        for (var i = 0; i < reference.Length; i++)
        {
            reference[i] = Math.Abs(reference[i] - median);
        }

        return median + (float)(options.Threshold * 1.4826 * Median(reference));
    }

    private static float Median(Span<float> numbers)
    {
        numbers.Sort();
        return 0.5f * (numbers[(numbers.Length - 1) / 2] + numbers[numbers.Length / 2]);
    }

    /// <summary>Other sensors: the test starts over, since K is not the same any more.</summary>
    public DriftDetector Adopt(ReadOnlySpan<int> places, double variance) =>
        new(places.Length, options) { Short = Short.Adopt(places, variance), Expected = Expected };

    private static void Transpose(Span<double> matrix, int size)
    {
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < i; j++)
            {
                (matrix[(i * size) + j], matrix[(j * size) + i]) = (matrix[(j * size) + i], matrix[(i * size) + j]);
            }
        }
    }
}
