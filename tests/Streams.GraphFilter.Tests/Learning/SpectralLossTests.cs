using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class SpectralLossTests
{
    [Theory]
    [InlineData(FilterSign.LowPass, false)]
    [InlineData(FilterSign.LowPass, true)]
    [InlineData(FilterSign.HighPass, false)]
    [InlineData(FilterSign.HighPass, true)]
    public void Gradient_AgainstDifferences_Agrees(FilterSign sign, bool withoutConstant)
    {
        const int size = 7;
        var random = new Random(5);
        var filter = Synthetic.Operator(Synthetic.Graph("sbm", size, random), size, Synthetic.Filter(sign == FilterSign.LowPass ? "tikhonov" : "high"));
        var root = Dense.SquareRoot(Covariance(Synthetic.Signals(filter, size, 60, random), size), size);
        var loss = new SpectralLoss(root, size, sign, withoutConstant);
        var weights = Enumerable.Range(0, Edges.Count(size)).Select(_ => 0.2 + (0.6 * random.NextDouble())).ToArray();
        var gradient = loss.At(weights).Gradient();
        for (var edge = 0; edge < weights.Length; edge++)
        {
            Assert.Equal(Difference(loss, weights, edge), gradient[edge], 1e-5 * loss.SquaredNorm);
        }
    }

    [Fact]
    public void Gradient_RepeatedEigenvalues_IsFiniteAndRight()
    {
        // The complete graph: every eigenvalue but one is the same. The loss's own optimum in g makes it smooth along a symmetric direction.
        const int size = 5;
        var random = new Random(6);
        var loss = new SpectralLoss(Dense.SquareRoot(Synthetic.Positive(random, size), size), size, FilterSign.LowPass, withoutConstant: false);
        var weights = Enumerable.Repeat(0.5, Edges.Count(size)).ToArray();
        Assert.All(loss.At(weights).Gradient(), slope => Assert.True(double.IsFinite(slope)));
    }

    [Fact]
    public void Loss_AtTheTrueGraph_IsNearZeroAndBelowOthers()
    {
        const int size = 12;
        var random = new Random(7);
        var truth = Synthetic.Graph("sbm", size, random);
        var loss = new SpectralLoss(Synthetic.Operator(truth, size, Synthetic.Filter("heat")), size, FilterSign.LowPass, withoutConstant: false);
        var other = Synthetic.Graph("sbm", size, random);
        Assert.InRange(loss.At(truth).Loss / loss.SquaredNorm, 0, 1e-5);
        Assert.True(loss.At(other).Loss > 100 * loss.At(truth).Loss);
    }

    /// <summary>A to a·K + b·A with re-warped filter: the affine map of the weights leaves the loss of a free filter as it is.</summary>
    [Fact]
    public void Loss_ScaledWeights_IsTheSame()
    {
        const int size = 9;
        var random = new Random(8);
        var loss = new SpectralLoss(Dense.SquareRoot(Synthetic.Positive(random, size), size), size, FilterSign.LowPass, withoutConstant: false);
        var weights = Enumerable.Range(0, Edges.Count(size)).Select(_ => random.NextDouble()).ToArray();
        Assert.Equal(loss.At(weights).Loss, loss.At([.. weights.Select(weight => 0.3 * weight)]).Loss, 1e-7 * loss.SquaredNorm);
    }

    private static double Difference(SpectralLoss loss, double[] weights, int edge)
    {
        const double step = 1e-6;
        var up = weights.ToArray();
        var down = weights.ToArray();
        up[edge] += step;
        down[edge] -= step;
        return (loss.At(up).Loss - loss.At(down).Loss) / (2 * step);
    }

    private static double[] Covariance(double[] signals, int size) => Synthetic.Gram(signals, signals.Length / size, size);
}
