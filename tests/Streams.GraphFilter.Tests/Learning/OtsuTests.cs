using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class OtsuTests
{
    [Fact]
    public void Threshold_TwoClusters_LiesHalfwayBetween() => Assert.Equal(0.5, Otsu.Threshold([0.1, 0.12, 0.9, 0.05, 0.88, 0.93])!.Value, 1e-12);

    [Theory]
    [InlineData(3.0, 0.0)]
    [InlineData(0.01, -7.0)]
    public void Threshold_AffineMap_MovesAlong(double scale, double shift)
    {
        var random = new Random(4);
        var numbers = Enumerable.Range(0, 50).Select(i => random.NextDouble() + (i % 3)).ToArray();
        var mapped = numbers.Select(number => (scale * number) + shift).ToArray();
        Assert.Equal((scale * Otsu.Threshold(numbers)!.Value) + shift, Otsu.Threshold(mapped)!.Value, 1e-9);
    }

    [Fact]
    public void Threshold_AgainstEverySplit_IsTheBest()
    {
        var random = new Random(9);
        var numbers = Enumerable.Range(0, 40).Select(_ => Math.Pow(random.NextDouble(), 3)).ToArray();
        var found = Between(numbers, Otsu.Threshold(numbers)!.Value);
        Assert.All(numbers, split => Assert.True(Between(numbers, split) <= found + 1e-12));
    }

    [Fact]
    public void Threshold_AllAlike_IsNone()
    {
        Assert.Null(Otsu.Threshold([0.5, 0.5, 0.5]));
        Assert.Null(Otsu.Threshold([0.5]));
        Assert.Null(Otsu.Threshold([]));
    }

    private static double Between(double[] numbers, double split)
    {
        var lower = numbers.Where(number => number <= split).ToArray();
        var upper = numbers.Where(number => number > split).ToArray();
        return lower.Length == 0 || upper.Length == 0 ? 0 : lower.Length * upper.Length * Math.Pow(upper.Average() - lower.Average(), 2);
    }
}
