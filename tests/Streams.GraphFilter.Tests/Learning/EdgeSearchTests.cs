using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class EdgeSearchTests
{
    private const int Size = 20;

    /// <summary>Knowing that weights are 0 or 1, the search leaves fewer errors than the threshold on the relaxed weights, on the mean of six graphs.</summary>
    [Fact]
    public void Unweighted_EnoughReadings_BeatsTheThreshold()
    {
        double relaxed = 0, searched = 0;
        for (var seed = 0; seed < 6; seed++)
        {
            var (truth, signals) = Draw("sbm", "heat", 400, 300 + seed);
            relaxed += Synthetic.F1(truth, FigLearn.FromSamples(signals, Size, new FigLearnOptions { Unweighted = false }));
            searched += Synthetic.F1(truth, FigLearn.FromSamples(signals, Size));
        }

        Assert.True(searched > relaxed, $"{searched / 6} after the search, {relaxed / 6} before");
    }

    [Fact]
    public void Unweighted_FewReadings_LeavesTheRelaxedGraph()
    {
        var (_, signals) = Draw("er", "high", 60, 7);
        Assert.Equal(FigLearn.FromSamples(signals, Size, new FigLearnOptions { Unweighted = false }).Weights, FigLearn.FromSamples(signals, Size).Weights);
    }

    [Fact]
    public void Refine_FromATruthWithErrors_RepairsThem()
    {
        var truth = Synthetic.Graph("sbm", Size, new Random(9));
        var filter = Synthetic.Operator(truth, Size, Synthetic.Filter("tikhonov"));
        var covariance = new double[Size * Size];
        Streams.Processors.GraphFilter.LinearAlgebra.Product.Multiply(filter, filter, covariance, Size);
        var start = truth.Select((edge, i) => i % 23 == 0 ? 0.9 - (0.8 * edge) : 0.1 + (0.8 * edge)).ToArray();
        var loss = new LikelihoodLoss(covariance, new SpectralWorkspace(Size), new MixtureFilter(FilterSign.LowPass));
        var found = new EdgeSearch(loss, 1_000).Refine(start);
        Assert.Equal(truth, found!.Value.Graph);
        Assert.All(truth.Zip(found.Value.Probability), pair => Assert.Equal(pair.First, pair.Second, 0.01));
    }

    private static (double[] Truth, double[] Signals) Draw(string family, string filter, int rows, int seed)
    {
        var random = new Random(seed);
        var truth = Synthetic.Graph(family, Size, random);
        return (truth, Synthetic.Signals(Synthetic.Operator(truth, Size, Synthetic.Filter(filter)), Size, rows, random));
    }

    /// <summary>Below the odds of an edge, far below with little information, or nothing would be declared; lower where edges are many.</summary>
    [Fact]
    public void ExpectedF1_Cut_LiesBelowTheOdds()
    {
        var odds = Math.Log(0.8 / 0.2);
        Assert.InRange(ExpectedF1.Cut(0.5, 0.2), -8, 0.3 * odds);
        Assert.InRange(ExpectedF1.Cut(3, 0.2), ExpectedF1.Cut(3, 0.4), odds);
    }
}
