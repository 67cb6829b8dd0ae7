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

    [Fact]
    public void SensorStacking_SensorsDiffer_EachTakesItsOwnWeight()
    {
        var (random, stacking) = (new Random(4), new SensorStacking(40));
        int[] observed = [.. Enumerable.Range(0, 40)];
        double[] first = new double[40], second = new double[40];
        for (var row = 0; row < 400; row++)
        {
            for (var i = 0; i < first.Length; i++)
            {
                (first[i], second[i]) = ((i < 20 ? 1 : 2) * Synthetic.Normal(random), (i < 20 ? 2 : 1) * Synthetic.Normal(random));
            }

            stacking.Learn(observed, first, second);
        }

        Assert.Equal(0.5, stacking.Network.Weight, 0.05);
        Assert.Equal(0.71, observed[..20].Average(stacking.Weight), 0.04);
        Assert.Equal(0.29, observed[20..].Average(stacking.Weight), 0.04);
        var adopted = stacking.Adopt([39, -1, 0]);
        Assert.Equal(stacking.Weight(39), adopted.Weight(0));
        Assert.Equal(stacking.Network.Weight, adopted.Weight(1), 1e-12);
        Assert.Equal(stacking.Weight(0), adopted.Weight(2));
    }

    /// <summary>The scale of a rough row comes from its own entries where there are many, from the rows before where there are few.</summary>
    [Fact]
    public void RowScale_RoughRow_IsTold()
    {
        var scale = new RowScale();
        for (var row = 0; row < 100; row++)
        {
            scale.Learn(2 * 50, 50);
        }

        Assert.Equal(2, scale.Past, 0.01);
        Assert.InRange(scale.Of(8 * 1_000, 1_000), 7.5, 8);
        Assert.InRange(scale.Of(8, 1), 2, 2.5);
        Assert.Equal(scale.Of(8 * 9, 9), scale.Without(5, (8 * 9) + 5, 10), 1e-12);
        Assert.True(scale.Deviance(0, 100, 50) < scale.Deviance(0, 200, 50));
    }
}
