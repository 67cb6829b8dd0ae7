using Streams.Processors.ModeEstimation.Pairs;

namespace Streams.ModeEstimation.Tests.Pairs;

public sealed class PairRepetitionTests
{
    [Theory]
    [InlineData(0.01, 0.01, 1_000)]
    [InlineData(0.1, 0.1, 100)]
    [InlineData(0.1, 0.01, 1_000_000)]
    [InlineData(0.3, 0.01, 10_000)]
    [InlineData(0.45, 0.05, 1_000_000)]
    public void For_Noise_IsEnoughByTheExactTailAndNotTwiceWhatIsNeeded(double noise, double delta, long budget)
    {
        var repetition = PairRepetition.For(noise, delta, budget)!.Value;

        Assert.Equal(delta / 2, repetition.EliminationDelta);
        Assert.True(ErrorOf(repetition.Answers) <= delta / 2, $"{repetition.Answers} answers: {ErrorOf(repetition.Answers)}");
        var least = Enumerable.Range(0, repetition.Answers).Select(i => (2 * i) + 1).First(answers => ErrorOf(answers) <= delta / 2);
        Assert.InRange(repetition.Answers, least, least + 2 + (least / 10));

        double ErrorOf(int answers) => 2.0 * budget / (answers + 1) * TailOf(answers, noise);
    }

    [Fact]
    public void For_NoNoise_AsksOnceAndKeepsDelta() =>
        Assert.Equal((1, 1, 0.01), (PairRepetition.For(0, 0.01, 10) is { } once ? (once.Answers, once.Majority, once.EliminationDelta) : default));

    [Theory]
    [InlineData(0.5)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void For_NoiseThatNoRepetitionHelps_IsRefused(double noise) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PairRepetition.For(noise, 0.1, 10));

    [Theory]
    [InlineData(0.4999999)]
    [InlineData(0.49)]
    public void For_MoreThanTheBudget_IsNull(double noise) => Assert.Null(PairRepetition.For(noise, 0.1, 100));

    /// <summary>P(Bin(m,q) > m/2), summed term by term in logarithms.</summary>
    private static double TailOf(int m, double q)
    {
        var logs = new double[m + 1];
        for (var i = 1; i <= m; i++)
        {
            logs[i] = logs[i - 1] + Math.Log(i);
        }

        return Enumerable.Range((m + 1) / 2, m - ((m + 1) / 2) + 1)
            .Sum(k => Math.Exp(logs[m] - logs[k] - logs[m - k] + (k * Math.Log(q)) + ((m - k) * Math.Log(1 - q))));
    }
}
