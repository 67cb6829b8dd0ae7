namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// c s(r x) with c >= 0: heat, Tikhonov, high-pass and 1/sqrt filters. The gain c is linear; the rate r is searched on a grid over five decades and
/// then by golden section, so that it is the best to six digits.
/// </summary>
internal sealed class OneRateFilter(FilterFamily family) : IGraphFilter
{
    private const double SmallestRate = 1e-3;
    private const int GridPoints = 26;
    private const double GridStep = 1.6;
    private static readonly double Golden = (Math.Sqrt(5) - 1) / 2;

    private double _rate = 1;
    private double _gain;

    public FilterScale Scale => FilterScale.Mean;

    public void Fit(ReadOnlySpan<double> points, ReadOnlySpan<double> targets, ReadOnlySpan<double> importance)
    {
        _rate = 1;
        if (family != FilterFamily.InverseRoot)
        {
            double least = double.PositiveInfinity, best = SmallestRate;
            for (var (step, rate) = (0, SmallestRate); step < GridPoints; step++, rate *= GridStep)
            {
                var error = Error(rate, points, targets, importance);
                (least, best) = error < least ? (error, rate) : (least, best);
            }

            double low = Math.Log(best / GridStep), high = Math.Log(best * GridStep);
            double left = high - (Golden * (high - low)), right = low + (Golden * (high - low));
            double atLeft = Error(Math.Exp(left), points, targets, importance), atRight = Error(Math.Exp(right), points, targets, importance);
            while (high - low > 1e-7)
            {
                if (atLeft < atRight)
                {
                    (high, right, atRight) = (right, left, atLeft);
                    left = high - (Golden * (high - low));
                    atLeft = Error(Math.Exp(left), points, targets, importance);
                }
                else
                {
                    (low, left, atLeft) = (left, right, atRight);
                    right = low + (Golden * (high - low));
                    atRight = Error(Math.Exp(right), points, targets, importance);
                }
            }

            _rate = Math.Exp(0.5 * (low + high));
        }

        Error(_rate, points, targets, importance);
    }

    public (double Gain, double Slope) At(double x)
    {
        var (value, slope) = Shape(_rate * x);
        return (_gain * value, _gain * _rate * slope);
    }

    /// <summary>Of the best gain at this rate, which stays in <see cref="_gain"/>.</summary>
    private double Error(double rate, ReadOnlySpan<double> points, ReadOnlySpan<double> targets, ReadOnlySpan<double> importance)
    {
        double square = 0, product = 0;
        for (var i = 0; i < points.Length; i++)
        {
            if (importance[i] > 0)
            {
                var value = Shape(rate * points[i]).Value;
                square += importance[i] * value * value;
                product += importance[i] * value * targets[i];
            }
        }

        _gain = square > 0 ? Math.Max(0, product / square) : 0;
        return (_gain * _gain * square) - (2 * _gain * product);
    }

    private (double Value, double Slope) Shape(double u)
    {
        switch (family)
        {
            case FilterFamily.Heat:
                var decay = Math.Exp(-u);
                return (decay, -decay);
            case FilterFamily.Tikhonov:
                return (1 / (1 + u), -1 / ((1 + u) * (1 + u)));
            case FilterFamily.HighPass:
                return (u / (1 + u), 1 / ((1 + u) * (1 + u)));
            default:
                // Nearly disconnected graphs have frequencies next to 0.
                var root = Math.Sqrt(Math.Max(u, 1e-6));
                return (1 / root, u > 1e-6 ? -0.5 / (u * root) : 0);
        }
    }
}
