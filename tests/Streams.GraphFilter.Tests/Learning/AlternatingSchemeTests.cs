using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class AlternatingSchemeTests
{
    private const int Size = 15;

    [Theory]
    [InlineData(TransportLoss.Commuting)]
    [InlineData(TransportLoss.Bures)]
    public void FromSamples_Published_FindsTheGraph(TransportLoss loss)
    {
        var random = new Random(12);
        var truth = Synthetic.Graph("sbm", Size, random);
        var signals = Synthetic.Signals(Synthetic.Operator(truth, Size, Synthetic.Filter("heat")), Size, 500, random);
        var options = new FigLearnOptions { Scheme = FigLearnScheme.Alternating, Loss = loss, Iterations = 600 };
        var learned = FigLearn.FromSamples(signals, Size, options);
        Assert.Equal(0.5, learned.Threshold);
        Assert.InRange(Synthetic.F1(truth, learned), 0.85, 1);
        Assert.Equal(learned.Weights, FigLearn.FromSamples(signals, Size, options).Weights);
        Assert.NotEqual(learned.Weights, FigLearn.FromSamples(signals, Size, options with { Seed = 24 }).Weights);
    }

    [Fact]
    public void Learn_More_NeverRaisesTheLossKept()
    {
        var random = new Random(13);
        var filter = Synthetic.Operator(Synthetic.Graph("er", 8, random), 8, Synthetic.Filter("heat"));
        var scheme = new AlternatingScheme(filter, 8, TransportLoss.Commuting, seed: 1);
        var before = double.PositiveInfinity;
        for (var round = 0; round < 5; round++)
        {
            scheme.Learn(20);
            Assert.True(scheme.Loss <= before);
            before = scheme.Loss;
        }
    }
}
