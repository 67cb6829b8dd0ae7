namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// Monotone filters as mixtures of exponentials in x = lambda / mean(lambda) with weights of at least 0:
/// g = sum c_k exp(-r_k x) when low-pass, g = c_0 + sum c_k (1 - exp(-r_k x)) when high-pass. The rate 0 is the constant.
/// </summary>
internal static class FilterBasis
{
    private static readonly double[] Rates = [0, 0.25, 0.5, 1, 2, 4, 8, 16];

    public static int Size => Rates.Length;

    public static double Value(int k, double x, FilterSign sign) =>
        sign == FilterSign.LowPass || k == 0 ? Math.Exp(-Rates[k] * x) : 1 - Math.Exp(-Rates[k] * x);

    public static double Slope(int k, double x, FilterSign sign) =>
        (sign == FilterSign.LowPass ? -Rates[k] : Rates[k]) * Math.Exp(-Rates[k] * x);

    /// <summary>The mixture's value at x.</summary>
    public static double Value(ReadOnlySpan<double> coefficients, double x, FilterSign sign)
    {
        var sum = 0d;
        for (var k = 0; k < coefficients.Length; k++)
        {
            sum += coefficients[k] == 0 ? 0 : coefficients[k] * Value(k, x, sign);
        }

        return sum;
    }

    /// <summary>The mixture's derivative at x.</summary>
    public static double Slope(ReadOnlySpan<double> coefficients, double x, FilterSign sign)
    {
        var sum = 0d;
        for (var k = 0; k < coefficients.Length; k++)
        {
            sum += coefficients[k] == 0 ? 0 : coefficients[k] * Slope(k, x, sign);
        }

        return sum;
    }

    /// <summary>Coefficients of the least-squares fit of <paramref name="targets"/> at <paramref name="points"/>, from index <paramref name="first"/> on.</summary>
    public static double[] Fit(ReadOnlySpan<double> points, ReadOnlySpan<double> targets, int first, FilterSign sign)
    {
        var gram = new double[Size * Size];
        var right = new double[Size];
        Span<double> values = stackalloc double[Rates.Length];
        for (var i = first; i < points.Length; i++)
        {
            for (var k = 0; k < Size; k++)
            {
                values[k] = Value(k, points[i], sign);
                right[k] += values[k] * targets[i];
                for (var l = 0; l <= k; l++)
                {
                    gram[(k * Size) + l] = gram[(l * Size) + k] += values[k] * values[l];
                }
            }
        }

        return NonNegativeLeastSquares.Solve(gram, right);
    }
}
