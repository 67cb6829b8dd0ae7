using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests;

/// <summary>
/// Symmetric noise: with probability e a label is replaced by one of the K - 1 others, each as likely. Shares shrink towards 1/K and keep their order
/// while e &lt; (K - 1)/K, so a rule that names the mode of the noisy labels names the true one, at the same delta.
/// </summary>
public sealed class LabelNoiseTests
{
    private const double Noise = 0.3;
    private const double Delta = 0.05;

    [Theory]
    [InlineData(LabelRules.LeaderBettingMix)]
    [InlineData(LabelRules.Ppr)]
    [InlineData(LabelRules.OneSided)]
    public void Add_NoisyLabels_NameTheTrueModeAsOftenAsPromised(string rule)
    {
        const int Runs = 1_500;
        var (wrong, used, clean) = (0, 0L, 0L);
        var random = new Random(11);
        for (var run = 0; run < Runs; run++)
        {
            var noisy = Decide(rule, random, Noise);
            wrong += noisy.Mode == 0 ? 0 : 1;
            used += noisy.Counted;
            clean += Decide(rule, random, 0).Counted;
        }

        // Four standard deviations of a rate at the bound.
        Assert.True(wrong <= (Runs * Delta) + (4 * Math.Sqrt(Runs * Delta * (1 - Delta))), $"{wrong} of {Runs} wrong");

        // The gap shrinks by 1 - eK/(K - 1) = 0.55, so about 1/0.55^2 = 3.3 times the labels are needed. Far off either way, the noise was not what it says.
        Assert.InRange(used / (double)clean, 2, 6);
    }

    /// <summary>The promise is at its dearest near a tie, where the noise leaves hardly a gap.</summary>
    [Fact]
    public void Add_NoisyLabelsOfANearTie_AreWrongNoMoreOftenThanDelta()
    {
        const int Runs = 1_000;
        var random = new Random(12);
        var (wrong, decided) = (0, 0);
        for (var run = 0; run < Runs; run++)
        {
            var estimator = new ModeEstimator(3, Delta);
            while (!estimator.Decided && estimator.Counted < 2_000)
            {
                estimator.Add(Noisy(Laws.Draw([0.41, 0.39, 0.2], random), random, Noise));
            }

            decided += estimator.Decided ? 1 : 0;
            wrong += estimator.Mode is null or 0 ? 0 : 1;
        }

        Assert.True(decided > 0, "no run decided: nothing was tried");
        Assert.True(wrong <= (Runs * Delta) + (4 * Math.Sqrt(Runs * Delta * (1 - Delta))), $"{wrong} of {Runs} wrong");
    }

    private static ModeEstimator Decide(string rule, Random random, double noise)
    {
        var estimator = new ModeEstimator(3, Delta, rule);
        while (!estimator.Decided)
        {
            estimator.Add(Noisy(Laws.Draw([0.6, 0.25, 0.15], random), random, noise));
        }

        return estimator;
    }

    private static int Noisy(int label, Random random, double noise) => random.NextDouble() < noise ? (label + 1 + random.Next(2)) % 3 : label;
}
