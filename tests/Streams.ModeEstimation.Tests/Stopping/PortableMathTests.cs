using System.Numerics;
using CsCheck;
using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.ModeEstimation.Tests.Stopping;

public sealed class PortableMathTests
{
    [Fact]
    public void Log_AnyMagnitude_AgreesWithTheRuntime() =>
        Gen.Double[-700, 700].Sample(log =>
        {
            var x = Math.Exp(log);
            Assert.Equal(Math.Log(x), PortableMath.Log(x), Math.Max(1e-15, 4e-16 * Math.Abs(log)));
        });

    [Fact]
    public void Exp_AnyArgument_AgreesWithTheRuntime() =>
        Gen.Double[-699, 700].Sample(x => Assert.Equal(1, PortableMath.Exp(x) / Math.Exp(x), 1e-12));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(170)]
    [InlineData(100_000)]
    public void LogFactorial_AnyNumber_IsTheSumOfLogarithms(int n) =>
        Assert.Equal(Enumerable.Range(1, n).Sum(i => Math.Log(i)), PortableMath.LogFactorial(n), 1e-8);

    [Fact]
    public void Log_IntegerBeyondADouble_IsItsLogarithm() =>
        Assert.Equal(1000 * Math.Log(10), PortableMath.Log(BigInteger.Pow(10, 1000)), 1e-9);

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Log_NoLogarithm_IsRefused(double x) => Assert.Throws<ArgumentOutOfRangeException>(() => PortableMath.Log(x));
}
