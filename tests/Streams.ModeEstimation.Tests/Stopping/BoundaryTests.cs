using System.Numerics;
using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.ModeEstimation.Tests.Stopping;

public sealed class BoundaryTests
{
    [Theory]
    [InlineData("ppr-1v1", 2, 0.01, "11 14 17 19 21 24 26 28 30 32 33 35 37 39 40 42")]
    [InlineData("ppr-1v1", 2, 0.1, "7 10 12 14 16 18 20 22 24 26 27 29 31 32 34 36")]
    [InlineData("ppr-1v1", 3, 0.01, "12 15 18 21 23 25 27 29 31 33 35 37 39 41 42 44")]
    [InlineData("ppr-1v1", 10, 0.01, "14 18 21 23 26 28 30 33 35 37 39 40 42 44 46 48")]
    [InlineData("os-1v1", 2, 0.01, "9 13 15 18 20 22 24 26 28 30 32 33 35 37 39 40")]
    [InlineData("os-1v1", 2, 0.1, "5 8 11 13 15 17 19 20 22 24 25 27 29 30 32 33")]
    public void Needed_PublishedParameters_EqualsTheIndependentlyComputedTable(string rule, int labels, double delta, string expected) =>
        Assert.Equal(expected, string.Join(' ', Walk(rule, labels, delta, 16)));

    [Theory]
    [InlineData("ppr-1v1", 2, 0.3)]
    [InlineData("ppr-1v1", 7, 0.05)]
    [InlineData("ppr-1v1", 1_000_000, 1e-12)]
    [InlineData("ppr-1v1", 2, 0.999)]
    [InlineData("os-1v1", 2, 0.3)]
    [InlineData("os-1v1", 100, 0.001)]
    [InlineData("os-1v1", 2, 0.999)]
    public void Needed_AnyParameters_IsTheLeastLeaderCountOfTheClosedForm(string rule, int labels, double delta)
    {
        var oneSided = Prior(rule) == PairPrior.UpperHalf;
        var error = Ratio.FromDecimal(delta);
        var threshold = new Ratio((labels - 1) * error.Denominator, error.Numerator);
        var table = Walk(rule, labels, delta, 200).ToList();
        for (var b = 0; b < table.Count; b++)
        {
            Assert.True(Boundary.ReachedExactly(oneSided, new Ratio(1, 2), threshold, table[b], b), $"a*({b}) = {table[b]} stops too early");
            Assert.False(table[b] > b + 1 && Boundary.ReachedExactly(oneSided, new Ratio(1, 2), threshold, table[b] - 1, b), $"a*({b}) = {table[b]} stops too late");
        }
    }

    /// <summary>Where the evidence equals the threshold to the last bit, rounded arithmetic would have to guess.</summary>
    [Fact]
    public void Needed_EvidenceEqualToTheThreshold_Stops()
    {
        var checkedPairs = 0;
        for (var a = 2; a < 40; a++)
        {
            for (var b = 0; b < a && a + b < 50; b++)
            {
                // delta = (n+1) C(n,a) / 2^n makes 1/delta = R(a,b); as a double it is exact while the numerator has at most 53 bits,
                // and as a decimal while 17 digits are enough.
                var ways = BigInteger.One;
                for (var i = 1; i <= a; i++)
                {
                    ways = ways * (b + i) / i;
                }

                var numerator = (a + b + 1) * ways;
                var delta = Math.ScaleB((double)numerator, -(a + b));
                var read = delta is > 0 and < 1 ? Ratio.FromDecimal(delta) : default;
                if (read.Denominator.IsZero || read.Numerator << (a + b) != numerator * read.Denominator)
                {
                    continue;
                }

                checkedPairs++;
                Assert.Equal(a, Walk("ppr-1v1", 2, delta, b + 1).Last());
            }
        }

        Assert.True(checkedPairs >= 20, $"only {checkedPairs} exact pairs");
    }

    [Fact]
    public void Needed_HundredThousandRunnersUp_IsNearTheAsymptoteOfTheLaw()
    {
        var boundary = new Boundary(PairPrior.Whole, 2, 0.01);
        boundary.AdvanceTo(100_000);
        var lead = boundary.Needed - 100_000.0;
        var n = boundary.Needed + 100_000.0;

        // ln R = lead^2/(2n) - ln(sqrt(pi n / 2)) + ln... : the normal approximation of C(n, a), within one in a hundred at this size.
        var log = (lead * lead / (2 * n)) - Math.Log(n + 1) + (0.5 * Math.Log(Math.PI * n / 2));
        Assert.Equal(Math.Log(100), log, 0.05);
    }

    [Theory]
    [InlineData(0.01, 1, 100)]
    [InlineData(0.5, 5, 10)]
    [InlineData(0.05, 5, 100)]
    [InlineData(1e-7, 1, 10_000_000)]
    [InlineData(0.123, 123, 1000)]
    [InlineData(250, 250, 1)]
    public void FromDecimal_WhatAPersonWrites_IsThatFraction(double value, long numerator, long denominator)
    {
        var ratio = Ratio.FromDecimal(value);

        Assert.Equal(numerator * ratio.Denominator, denominator * ratio.Numerator);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void FromDecimal_NotAPositiveNumber_IsRefused(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ratio.FromDecimal(value));

    private static PairPrior Prior(string rule) => rule == "os-1v1" ? PairPrior.UpperHalf : PairPrior.Whole;

    private static IEnumerable<long> Walk(string rule, int labels, double delta, int count)
    {
        var boundary = new Boundary(Prior(rule), labels, delta);
        for (var b = 0; b < count; b++)
        {
            boundary.AdvanceTo(b);
            yield return boundary.Needed;
        }
    }
}
