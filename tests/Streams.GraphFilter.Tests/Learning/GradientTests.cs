using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.Learning;

/// <summary>Analytic gradients through the Loewner matrix against central differences: both forms of the loss, every family, and the likelihood.</summary>
public sealed class GradientTests
{
    private const int Size = 7;

    public static TheoryData<FilterFamily> Families => [.. Enum.GetValues<FilterFamily>().Where(family => family != FilterFamily.Network)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Commuting_EveryFamily_AgreesWithDifferences(FilterFamily family)
    {
        var (root, _) = Draw(family);
        Agree(new SpectralLoss(root, new SpectralWorkspace(Size), Filter(family), family == FilterFamily.InverseRoot), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Bures_EveryFamily_AgreesWithDifferences(FilterFamily family)
    {
        var (root, _) = Draw(family);
        Agree(new BuresLoss(root, new SpectralWorkspace(Size), Filter(family), family == FilterFamily.InverseRoot, tolerance: 1e-13), 1e-4);
    }

    /// <summary>The Wasserstein distance is never above its commuting form.</summary>
    [Fact]
    public void Bures_OfTheSameGraph_IsNotAboveCommuting()
    {
        var (root, _) = Draw(FilterFamily.Mixture);
        var workspace = new SpectralWorkspace(Size);
        var weights = Weights(3);
        var commuting = new SpectralLoss(root, workspace, Filter(FilterFamily.Mixture), false).Evaluate(weights);
        Assert.InRange(new BuresLoss(root, workspace, Filter(FilterFamily.Mixture), false).Evaluate(weights), 0, commuting);
    }

    [Theory]
    [InlineData(TransportLoss.Commuting)]
    [InlineData(TransportLoss.Bures)]
    public void Network_AtFixedFilter_AgreesWithDifferences(TransportLoss transport)
    {
        var (root, _) = Draw(FilterFamily.Mixture);
        Agree(new FixedNetwork(new NetworkLoss(root, Size, transport, new Random(4))), 1e-5);
    }

    [Fact]
    public void Likelihood_AgreesWithDifferences()
    {
        var (_, covariance) = Draw(FilterFamily.Heat);
        var loss = new LikelihoodLoss(covariance, new SpectralWorkspace(Size), Filter(FilterFamily.Heat));

        // Three rounds of scoring leave the filter next to its optimum.
        Agree(new Likelihood(loss), 2e-2);
    }

    /// <summary>At the truth the filter's own freedom can only take from the information.</summary>
    [Fact]
    public void Likelihood_Information_BoundsTheCurvature()
    {
        var truth = Synthetic.Graph("er", Size, new Random(8));
        var filter = Synthetic.Operator(truth, Size, Synthetic.Filter("heat"));
        var covariance = new double[Size * Size];
        Product.Multiply(filter, filter, covariance, Size);
        var loss = new LikelihoodLoss(covariance, new SpectralWorkspace(Size), Filter(FilterFamily.Heat));
        var information = new double[truth.Length];
        var middle = loss.Evaluate(truth);
        loss.Information(information);
        for (var edge = 0; edge < truth.Length; edge++)
        {
            const double step = 1e-2;
            var (up, down) = (truth.ToArray(), truth.ToArray());
            up[edge] += step;
            down[edge] -= step;
            var curvature = (loss.Evaluate(up) + loss.Evaluate(down) - (2 * middle)) / (step * step);
            Assert.InRange(curvature, 0, 1.02 * information[edge]);
        }
    }

    private static void Agree(IGraphLoss loss, double tolerance)
    {
        var weights = Weights(5);
        var gradient = new double[weights.Length];
        loss.Evaluate(weights);
        loss.Gradient(gradient);
        var scale = gradient.Max(Math.Abs);
        Assert.True(scale > 1e-6);
        for (var edge = 0; edge < weights.Length; edge++)
        {
            const double step = 1e-5;
            var (up, down) = (weights.ToArray(), weights.ToArray());
            up[edge] += step;
            down[edge] -= step;
            Assert.Equal((loss.Evaluate(up) - loss.Evaluate(down)) / (2 * step), gradient[edge], tolerance * Math.Max(scale, 1));
        }
    }

    private static double[] Weights(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Edges.Count(Size)).Select(_ => 0.2 + (0.6 * random.NextDouble()))];
    }

    private static IGraphFilter Filter(FilterFamily family) =>
        GraphFilters.Create(family, family == FilterFamily.HighPass ? FilterSign.HighPass : FilterSign.LowPass);

    private static (double[] Root, double[] Covariance) Draw(FilterFamily family)
    {
        var random = new Random(5);
        var filter = Synthetic.Operator(Synthetic.Graph("sbm", Size, random), Size, Synthetic.Filter(family == FilterFamily.HighPass ? "high" : "tikhonov"));
        var covariance = Synthetic.Gram(Synthetic.Signals(filter, Size, 60, random), 60, Size);
        return (Dense.SquareRoot(covariance, Size), covariance);
    }

    private sealed class FixedNetwork(NetworkLoss loss) : IGraphLoss
    {
        public int Size => GradientTests.Size;

        public double Evaluate(ReadOnlySpan<double> weights)
        {
            loss.Take(weights);
            return loss.Value();
        }

        public void Gradient(Span<double> gradient) => loss.Gradient(gradient);
    }

    private sealed class Likelihood(LikelihoodLoss loss) : IGraphLoss
    {
        public int Size => loss.Size;

        public double Evaluate(ReadOnlySpan<double> weights) => loss.Evaluate(weights);

        public void Gradient(Span<double> gradient) => loss.Gradient(gradient);
    }
}
