namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// Weights of two predictions, from their errors so far: the w that would have made the exponentially weighted mean square of w e1 + (1 - w) e2
/// least, within [0, 1] (stacking, Breiman 1996).
/// </summary>
internal sealed class Stacking
{
    private const double Rate = 0.02;

    /// <summary>Rows until which the first one is taken alone.</summary>
    private const int FirstRows = 5;

    /// <summary>Mean squares of both errors, and their mean product.</summary>
    public double[] Moments { get; } = new double[3];

    public long Rows { get; set; }

    /// <summary>w.</summary>
    public double Weight
    {
        get
        {
            var both = Moments[0] + Moments[1] - (2 * Moments[2]);
            return Rows < FirstRows || !(both > 1e-12) ? 1 : Math.Clamp((Moments[1] - Moments[2]) / both, 0, 1);
        }
    }

    /// <summary>Correlation of the errors.</summary>
    public double Correlation => Moments[0] * Moments[1] > 0 ? Math.Clamp(Moments[2] / Math.Sqrt(Moments[0] * Moments[1]), -1, 1) : 1;

    /// <summary>Variance of the mix of two predictions with these variances.</summary>
    public double Variance(double first, double second)
    {
        var (w, v) = (Weight, 1 - Weight);
        return Math.Max((w * w * first) + (v * v * second) + (2 * w * v * Correlation * Math.Sqrt(first * second)), 0);
    }

    /// <summary>Learns from a row's errors of both.</summary>
    public void Learn(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        const double Limit = 100;
        Span<double> sums = [0, 0, 0];
        for (var i = 0; i < first.Length; i++)
        {
            var (a, b) = (Math.Clamp(first[i], -Limit, Limit), Math.Clamp(second[i], -Limit, Limit));
            sums[0] += a * a / first.Length;
            sums[1] += b * b / first.Length;
            sums[2] += a * b / first.Length;
        }

        var rate = Math.Max(Rate, 1.0 / ++Rows);
        for (var k = 0; k < sums.Length; k++)
        {
            Moments[k] += rate * (sums[k] - Moments[k]);
        }
    }
}
