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

    /// <summary>There were enough rows to tell.</summary>
    public bool HasWeight => Rows >= FirstRows;

    /// <summary>w.</summary>
    public double Weight => HasWeight ? WeightOf(Moments[0], Moments[1], Moments[2]) : 1;

    /// <summary>Correlation of the errors.</summary>
    public double Correlation => Moments[0] * Moments[1] > 0 ? Math.Clamp(Moments[2] / Math.Sqrt(Moments[0] * Moments[1]), -1, 1) : 1;

    /// <summary>The weight of least mean square, of the mean squares of two errors and their mean product.</summary>
    public static double WeightOf(double first, double second, double product)
    {
        var both = first + second - (2 * product);
        return both > 1e-12 ? Math.Clamp((second - product) / both, 0, 1) : 1;
    }

    /// <summary>An error as it counts: at most a hundred standard deviations.</summary>
    public static double Limited(double error) => Math.Clamp(error, -100, 100);

    /// <summary>Variance of the mix of two predictions with these variances.</summary>
    public double Variance(double first, double second) => Variance(Weight, first, second);

    /// <summary>The same, with a weight that someone else has chosen.</summary>
    public double Variance(double w, double first, double second)
    {
        var v = 1 - w;
        return Math.Max((w * w * first) + (v * v * second) + (2 * w * v * Correlation * Math.Sqrt(first * second)), 0);
    }

    /// <summary>Learns from a row's errors of both.</summary>
    public void Learn(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        Span<double> sums = [0, 0, 0];
        for (var i = 0; i < first.Length; i++)
        {
            var (a, b) = (Limited(first[i]), Limited(second[i]));
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
