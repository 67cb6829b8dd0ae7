using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Drift;

/// <summary>
/// Whether the last rows still look like what is known of the network: the whitened-spectrum test. R is their covariance, gaps in
/// expectation, K = L Lᵀ the one that is known; without a change D = L⁻¹ R L⁻ᵀ scatters about I. Its distance is Stein's loss
/// tr D - log det D - N (James and Stein 1961), the likelihood ratio, of D shrunk towards I: unlike ||D - I||_F² it sees directions that lost
/// their variance as well as those that gained some. A gap that is filled with its conditional mean and covariance adds nothing to D - I, where
/// a posterior sample would add the noise of a whole draw; what o observed entries add is o² + o in expectation, by which the loss
/// is divided, so that it stays near 1 at any share of gaps. Then it is compared with its own lagged median and median absolute deviation.
/// </summary>
internal sealed class DriftDetector(int sensors, DriftOptions options)
{
    /// <summary>Share of I in D: keeps the determinant away from 0 where sensors outnumber the rows in R.</summary>
    private const double Shrinkage = 0.2;

    private readonly float[] _reference = new float[options.ReferenceTests + options.Lag];

    /// <summary>R, the covariance of the last rows.</summary>
    public RecursiveCovariance Short { get; private init; } = new(sensors, 1 - options.Rate);

    /// <summary>Sum over the rows in R of squared weight times o² + o, with o observed entries: ||D - I||_F² in expectation.</summary>
    public double Expected { get; set; }

    /// <summary>Tests since the start or the last alarm; below 0 while R and K settle.</summary>
    public long Tests { get; set; } = -Settling(options);

    /// <summary>The last statistic: about 1 when nothing has changed.</summary>
    public double Statistic { get; set; }

    /// <summary>The last statistics, a ring.</summary>
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
        var alarm = Tests >= options.Lag + (options.ReferenceTests / 2) && Statistic > Limit();
        if (alarm)
        {
            Tests = -Settling(options);
            return true;
        }

        if (Tests >= 0)
        {
            _reference[(int)(Tests % _reference.Length)] = (float)Statistic;
        }

        Tests++;
        return false;
    }

    /// <summary>Other sensors: the test starts over, since K is not the same any more.</summary>
    public DriftDetector Adopt(ReadOnlySpan<int> places, double variance) =>
        new(places.Length, options) { Short = Short.Adopt(places, variance), Expected = Expected };

    private static long Settling(DriftOptions options) => (long)(2 / (options.Rate * options.TestEvery));

    private double Distance(Span<double> covariance, Span<double> scratch)
    {
        Symmetric.Unpack(Short.Lower, sensors, scratch);
        for (var i = 0; i < sensors * sensors; i++)
        {
            scratch[i] = ((1 - Shrinkage) * scratch[i]) + (Shrinkage * covariance[i]);
        }

        if (Expected <= 0 || !Lapack.TryFactor(covariance, sensors) || !Lapack.TryFactor(scratch, sensors))
        {
            return 1;
        }

        // G of (1 - s) R + s K = G Gᵀ; the trace of D is the squared norm of L⁻¹ G, whose columns are solved for as rows.
        var loss = -(double)sensors;
        for (var i = 0; i < sensors; i++)
        {
            loss += 2 * Math.Log(covariance[(i * sensors) + i] / scratch[(i * sensors) + i]);
            for (var j = 0; j < i; j++)
            {
                (scratch[(j * sensors) + i], scratch[(i * sensors) + j]) = (scratch[(i * sensors) + j], 0);
            }
        }

        Lapack.SolveLower(covariance, sensors, scratch, sensors);
        loss += Cholesky.Dot(scratch[..(sensors * sensors)], scratch[..(sensors * sensors)]);
        return loss / (0.5 * (1 - Shrinkage) * (1 - Shrinkage) * Expected);
    }

    private float Limit()
    {
        Span<float> reference = stackalloc float[options.ReferenceTests];
        var count = (int)Math.Min(reference.Length, Tests - options.Lag);
        reference = reference[..count];
        for (var i = 0; i < count; i++)
        {
            reference[i] = _reference[(int)((Tests - options.Lag - 1 - i) % _reference.Length)];
        }

        var median = Median(reference);
        for (var i = 0; i < count; i++)
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
}
