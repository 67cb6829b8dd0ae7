namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// How many of the model's standard deviations make one, so that the middle 90 % of the readings lie within 1.645 of them. Learned from each
/// observed entry against its mean without itself: the 90 % quantile of the absolute standardised errors, tracked (adaptive conformal
/// inference, Gibbs and Candès 2021, on the logarithm).
/// </summary>
internal sealed class IntervalScale
{
    private const double Coverage = 0.9;

    /// <summary>Standard deviations that hold <see cref="Coverage"/> of a normal distribution.</summary>
    private const double NormalQuantile = 1.6449;

    /// <summary>By how much the coverage of a normal distribution grows with the logarithm of the factor.</summary>
    private const double Slope = 0.339;

    private const double Rate = 0.03;
    private const double Limit = 8;

    /// <summary>The factor.</summary>
    public double Factor { get; set; } = 1;

    /// <summary>Rows that it was learned from.</summary>
    public long Rows { get; set; }

    /// <summary>Whether an error of so many of the model's standard deviations lies within the interval.</summary>
    public bool Covers(double standardised) => Math.Abs(standardised) <= NormalQuantile * Factor;

    /// <summary>Learns from the share of a row's observed entries that the interval covered.</summary>
    public void Learn(double covered)
    {
        var step = Math.Max(Rate, 1.0 / (Rows + 5)) * (Coverage - covered) / Slope;
        Factor = Math.Clamp(Factor * Math.Exp(step), 1 / Limit, Limit);
        Rows++;
    }
}
