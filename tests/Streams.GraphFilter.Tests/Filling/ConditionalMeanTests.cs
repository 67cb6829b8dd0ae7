using Streams.Processors.GraphFilter.Filling;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.Filling;

public sealed class ConditionalMeanTests
{
    /// <summary>Against C_mo C_oo⁻¹ x_o and C_mm - C_mo C_oo⁻¹ C_om.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void Fill_AgainstTheCovarianceFormula_Agrees(int gaps)
    {
        const int size = 10;
        var random = new Random(gaps);
        var covariance = Synthetic.Positive(random, size);
        var values = Enumerable.Range(0, size).Select(_ => Synthetic.Normal(random)).ToArray();
        var missing = Enumerable.Range(0, size).OrderBy(_ => random.Next()).Take(gaps).ToArray();
        var observed = Enumerable.Range(0, size).Except(missing).ToArray();
        var (mean, spread) = Direct(covariance, size, values, missing, observed);

        var filled = values.ToArray();
        foreach (var i in missing)
        {
            filled[i] = double.NaN;
        }

        var found = ConditionalMean.Fill(Dense.InversePositive(covariance, size, 1e-9), filled, missing);
        for (var a = 0; a < gaps; a++)
        {
            Assert.Equal(mean[a], filled[missing[a]], 1e-8);
            for (var b = 0; b < gaps; b++)
            {
                Assert.Equal(spread[(a * gaps) + b], found[(a * gaps) + b], 1e-8);
            }
        }

        Assert.All(observed, i => Assert.Equal(values[i], filled[i]));
    }

    [Fact]
    public void Fill_EverythingMissing_IsThePrior()
    {
        var covariance = Synthetic.Positive(new Random(3), 4);
        var values = new double[] { 9, 9, 9, 9 };
        var found = ConditionalMean.Fill(Dense.InversePositive(covariance, 4, 1e-9), values, [0, 1, 2, 3]);
        Assert.Equal([0, 0, 0, 0], values);
        Assert.All(covariance.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-8));
    }

    [Fact]
    public void Fill_NothingMissing_ChangesNothing()
    {
        double[] values = [1, 2];
        Assert.Empty(ConditionalMean.Fill([1, 0, 0, 1], values, []));
        Assert.Equal([1, 2], values);
    }

    [Fact]
    public void CommonMode_PredictAndPrecision_AreTheSameModel()
    {
        const int size = 6;
        double[] values = [1.5, -0.5, 0.25, double.NaN, 2, double.NaN];
        var found = ConditionalMean.Fill(CommonMode.Precision(size, 0.08), values, [3, 5]);
        var (mean, variance) = CommonMode.Predict(3.25, 4, 0.08);
        Assert.Equal(mean, values[3], 1e-12);
        Assert.Equal(mean, values[5], 1e-12);
        Assert.Equal(variance, found[0], 1e-12);
    }

    private static (double[] Mean, double[] Spread) Direct(double[] covariance, int size, double[] values, int[] missing, int[] observed)
    {
        var block = new double[observed.Length * observed.Length];
        for (var i = 0; i < block.Length; i++)
        {
            block[i] = covariance[(observed[i / observed.Length] * size) + observed[i % observed.Length]];
        }

        Assert.True(Cholesky.TryFactor(block, observed.Length));
        var mean = new double[missing.Length];
        var spread = new double[missing.Length * missing.Length];
        for (var a = 0; a < missing.Length; a++)
        {
            var weights = observed.Select(i => covariance[(missing[a] * size) + i]).ToArray();
            Cholesky.Solve(block, observed.Length, weights);
            mean[a] = observed.Select((i, place) => weights[place] * values[i]).Sum();
            for (var b = 0; b < missing.Length; b++)
            {
                spread[(a * missing.Length) + b] = covariance[(missing[a] * size) + missing[b]]
                    - observed.Select((i, place) => weights[place] * covariance[(missing[b] * size) + i]).Sum();
            }
        }

        return (mean, spread);
    }
}
