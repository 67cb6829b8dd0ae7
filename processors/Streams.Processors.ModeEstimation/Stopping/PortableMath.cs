using System.Numerics;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// Elementary functions made of additions, multiplications, divisions and table-free scaling only. IEEE 754 rounds those the
/// same on every machine, whereas the logarithm of a C runtime may differ from another's in its last bit, and a decision with it.
/// Relative error below 1e-15 each.
/// </summary>
internal static class PortableMath
{
    public const double Ln2 = 0.693147180559945309417232121458;

    /// <summary>ln x = e ln 2 + 2 artanh((m-1)/(m+1)), where x = m 2^e and m lies within a factor of sqrt 2 of 1.</summary>
    public static double Log(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x))
        {
            throw new ArgumentOutOfRangeException(nameof(x), x, "a logarithm wants a positive, finite number");
        }

        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        var series = 0.0;
        for (var k = 25; k >= 3; k -= 2)
        {
            series = (series + (1.0 / k)) * square;
        }

        return (exponent * Ln2) + (2 * s) + (2 * s * series);
    }

    public static double Log(BigInteger x)
    {
        var shift = (int)Math.Max(0, (long)x.GetBitLength() - 53);
        return Log((double)(x >> shift)) + (shift * Ln2);
    }

    public static double Log(Ratio x) => Log(x.Numerator) - Log(x.Denominator);

    /// <summary>e^x = 2^k e^r with r within ln 2 / 2 of 0. 0 below -700.</summary>
    public static double Exp(double x)
    {
        if (x < -700)
        {
            return 0;
        }

        var power = Math.Floor((x / Ln2) + 0.5);
        var r = x - (power * Ln2);
        var series = 1.0;
        for (var k = 16; k >= 1; k--)
        {
            series = 1 + (series * r / k);
        }

        return Math.ScaleB(series, (int)power);
    }

    /// <summary>ln n!. Stirling's series from 16 on, where its error is below 1e-15.</summary>
    public static double LogFactorial(long n)
    {
        if (n < 16)
        {
            var product = 1.0;
            for (var i = 2; i <= n; i++)
            {
                product *= i;
            }

            return Log(product);
        }

        var x = (double)n;
        var inverse = 1 / x;
        var square = inverse * inverse;
        return ((x + 0.5) * Log(x)) - x + HalfLogTwoPi + (inverse * ((1 / 12.0) - (square * ((1 / 360.0) - (square * (1 / 1260.0))))));
    }

    private const double HalfLogTwoPi = 0.918938533204672741780329736406;
}
