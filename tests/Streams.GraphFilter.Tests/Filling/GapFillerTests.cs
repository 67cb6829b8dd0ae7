using Streams.Processors.GraphFilter.Filling;

namespace Streams.GraphFilter.Tests.Filling;

public sealed class GapFillerTests
{
    [Fact]
    public void IntervalScale_ErrorsOfAnySpread_CoversNineInTen()
    {
        foreach (var spread in (double[])[0.3, 1, 3])
        {
            var (random, scale, covered) = (new Random(1), new IntervalScale(), 0d);
            for (var row = 0; row < 4_000; row++)
            {
                var inside = Enumerable.Range(0, 20).Count(_ => scale.Covers(spread * Synthetic.Normal(random))) / 20.0;
                covered += row < 400 ? 0 : inside / 3_600;
                scale.Learn(inside);
            }

            Assert.Equal(0.9, covered, 0.005);
            Assert.Equal(spread, scale.Factor, 0.1 * spread);
        }
    }

    [Fact]
    public void Stacking_TwoIndependentErrors_TakesTheWeightsOfLeastVariance()
    {
        var (random, stacking) = (new Random(2), new Stacking());
        double[] first = new double[50], second = new double[50];
        for (var row = 0; row < 600; row++)
        {
            for (var i = 0; i < first.Length; i++)
            {
                (first[i], second[i]) = (Synthetic.Normal(random), 2 * Synthetic.Normal(random));
            }

            stacking.Learn(first, second);
        }

        Assert.Equal(0.8, stacking.Weight, 0.03);
        Assert.Equal(0, stacking.Correlation, 0.1);
        Assert.Equal(0.8, stacking.Variance(1, 4), 0.05);
    }

    [Fact]
    public void Stacking_OneIsTheOtherAndNoise_TakesTheOther()
    {
        var (random, stacking) = (new Random(3), new Stacking());
        double[] first = new double[50], second = new double[50];
        for (var row = 0; row < 300; row++)
        {
            for (var i = 0; i < first.Length; i++)
            {
                second[i] = Synthetic.Normal(random);
                first[i] = second[i] + Synthetic.Normal(random);
            }

            stacking.Learn(first, second);
        }

        Assert.InRange(stacking.Weight, 0, 0.05);
    }

    [Fact]
    public void ShrinkageWeight_OneCandidateForetellsBest_IsTaken()
    {
        var weight = new ShrinkageWeight();
        var deviances = Enumerable.Range(0, ShrinkageWeight.Candidates).Select(k => k == 2 ? 0.0 : 1).ToArray();
        for (var row = 0; row < 300; row++)
        {
            weight.Learn(deviances);
        }

        Assert.Equal(ShrinkageWeight.ShareOf(2, 100, 50), weight.Share(100, 50), 0.02);
        Assert.All(weight.Weights, share => Assert.True(share > 0));
    }
}
