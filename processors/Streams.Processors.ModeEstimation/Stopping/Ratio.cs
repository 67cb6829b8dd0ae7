using System.Globalization;
using System.Numerics;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>A positive fraction of integers.</summary>
internal readonly record struct Ratio(BigInteger Numerator, BigInteger Denominator)
{
    /// <summary>
    /// What a person wrote as <paramref name="value"/>: 0.01 is one hundredth, not the binary fraction next to it.
    /// The shortest decimal that reads back as the same double is unique, so every machine finds the same fraction.
    /// </summary>
    public static Ratio FromDecimal(double value)
    {
        if (!double.IsFinite(value) || value <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "give a positive, finite number");
        }

        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 16; digits++)
        {
            var shorter = value.ToString("E" + digits, CultureInfo.InvariantCulture);
            if (double.Parse(shorter, CultureInfo.InvariantCulture) == value)
            {
                text = shorter;
                break;
            }
        }

        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = text.AsSpan(0, exponentAt);
        var pointAt = mantissa.IndexOf('.');
        var integer = BigInteger.Parse(string.Concat(mantissa[..(pointAt < 0 ? mantissa.Length : pointAt)], pointAt < 0 ? [] : mantissa[(pointAt + 1)..]), CultureInfo.InvariantCulture);
        var exponent = int.Parse(text.AsSpan(exponentAt + 1), CultureInfo.InvariantCulture) - (pointAt < 0 ? 0 : mantissa.Length - pointAt - 1);
        return exponent >= 0
            ? new Ratio(integer * BigInteger.Pow(10, exponent), BigInteger.One)
            : new Ratio(integer, BigInteger.Pow(10, -exponent));
    }
}
