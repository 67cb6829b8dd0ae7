using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class FigLearnTests
{
    private const int Size = 20;
    private const int Rows = 500;
    private const int Seeds = 5;

    /// <summary>Mean F1 over five graphs, against the reference figures of the closed form less 0.03 (0.06 for the high-pass filter, whose graphs differ more).</summary>
    [Theory]
    [InlineData("sbm", "heat", 0.988 - 0.03)]
    [InlineData("er", "heat", 0.982 - 0.03)]
    [InlineData("rgg", "heat", 0.991 - 0.03)]
    [InlineData("sbm", "tikhonov", 0.994 - 0.03)]
    [InlineData("er", "tikhonov", 0.988 - 0.03)]
    [InlineData("rgg", "tikhonov", 0.998 - 0.03)]
    [InlineData("sbm", "high", 0.835 - 0.06)]
    [InlineData("er", "high", 0.707 - 0.06)]
    [InlineData("rgg", "high", 0.860 - 0.06)]
    public void FromSamples_FilteredNoise_FindsTheGraph(string family, string filter, double atLeast)
    {
        var sum = 0d;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (truth, signals) = Draw(family, filter, seed);
            var learned = FigLearn.FromSamples(signals, Size);
            Assert.Equal(filter == "high" ? FilterSign.HighPass : FilterSign.LowPass, learned.Sign);
            sum += Synthetic.F1(truth, learned) / Seeds;
        }

        Assert.InRange(sum, atLeast, 1);
    }

    [Fact]
    public void FromSamples_WithoutConstantMode_FindsTheGraphBehindANormalisedFilter()
    {
        var (truth, signals) = Draw("rgg", "norm", 1);
        var learned = FigLearn.FromSamples(signals, Size, new FigLearnOptions { WithoutConstantMode = true });
        Assert.InRange(Synthetic.F1(truth, learned), 0.9, 1);
        Assert.Contains(learned.Notes, note => note.Contains("low-pass assumed", StringComparison.Ordinal));
    }

    /// <summary>High-pass on a graph is low-pass on its complement: with the sign declared wrongly, the complement comes out.</summary>
    [Fact]
    public void FromSamples_SignDeclaredWrongly_FindsTheComplement()
    {
        var (truth, signals) = Draw("sbm", "tikhonov", 2);
        var learned = FigLearn.FromSamples(signals, Size, new FigLearnOptions { Sign = FilterSign.HighPass });
        Assert.InRange(Synthetic.F1([.. truth.Select(edge => 1 - edge)], learned), 0.8, 1);
        Assert.Contains(learned.Notes, note => note.Contains("declared", StringComparison.Ordinal));
    }

    [Fact]
    public void FromSamples_LowPass_FindsTheFilterAndTheCovariance()
    {
        var (truth, signals) = Draw("rgg", "tikhonov", 3);
        var learned = FigLearn.FromSamples(signals, Size);
        var filter = Synthetic.Operator(truth, Size, Synthetic.Filter("tikhonov"));
        var covariance = Synthetic.Gram([.. filter.Select(entry => entry * Math.Sqrt(Size))], Size, Size);
        var sampled = Synthetic.Gram(signals, Rows, Size);
        Assert.InRange(Error(covariance, learned.Covariance), 0, 0.95 * Error(covariance, sampled));
        Assert.Equal(learned.Filter.Frequency.Order(), learned.Filter.Frequency);
        Assert.Equal(learned.Filter.Gain.OrderDescending(), learned.Filter.Gain);
        Assert.Equal(1, learned.Filter.Frequency.Average(), 1e-6);
        Assert.Equal(1, learned.Filter.Gain[0], 0.1);
        Assert.InRange(learned.Fit, 0, 0.15);
    }

    [Fact]
    public void FromSamples_Result_IsTheSparsestRepresentative()
    {
        var (_, signals) = Draw("sbm", "heat", 4);
        var learned = FigLearn.FromSamples(signals, Size);
        Assert.Equal(0, learned.Weights.Min());
        Assert.Equal(1, learned.Weights.Max());
        var edges = learned.Edges();
        Assert.All(edges, edge => Assert.True(edge.From < edge.To && edge.Weight > learned.Threshold));
        Assert.Equal(edges.Select(edge => edge.Weight).OrderDescending(), edges.Select(edge => edge.Weight));
    }

    /// <summary>To the last bit, wherever on the heap the arrays happen to lie.</summary>
    [Fact]
    public void FromSamples_Again_GivesTheSame()
    {
        var (_, signals) = Draw("sbm", "heat", 5);
        var expected = FigLearn.FromSamples(signals, Size).Weights;
        for (var i = 1; i < 20; i++)
        {
            var elsewhere = new byte[i * 24];
            Assert.Equal(expected, FigLearn.FromSamples([.. signals], Size).Weights);
            GC.KeepAlive(elsewhere);
        }
    }

    [Fact]
    public void FromCovariance_Identity_HasNoEdges()
    {
        var identity = Enumerable.Range(0, 25).Select(i => i % 6 == 0 ? 1.0 : 0).ToArray();
        var learned = FigLearn.FromCovariance(identity, 5);
        Assert.Empty(learned.Edges());
        Assert.Contains(learned.Notes, note => note.Contains("no pair", StringComparison.Ordinal));
        Assert.Contains(learned.Notes, note => note.Contains("does not tell the sign", StringComparison.Ordinal));
    }

    [Fact]
    public void FromCovariance_AllZero_IsFinite() => Finite(FigLearn.FromCovariance(new double[9], 3));

    [Fact]
    public void FromCovariance_RankOne_IsFinite() => Finite(FigLearn.FromCovariance([.. Enumerable.Repeat(1.0, 16)], 4));

    [Fact]
    public void FromSamples_TwoRowsOfTwoSensors_IsFinite() => Finite(FigLearn.FromSamples([1, 2, 3, 5], 2));

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(2, 2)]
    public void FromSamples_TooFewOrRagged_SaysWhatIsNeeded(int values, int sensors) =>
        Assert.Contains("two whole rows", Assert.Throws<ArgumentException>(() => FigLearn.FromSamples(new double[values], sensors)).Message, StringComparison.Ordinal);

    [Fact]
    public void FromCovariance_NotANumber_SaysSo() =>
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => FigLearn.FromCovariance([1, 0, 0, double.NaN], 2)).Message, StringComparison.Ordinal);

    private static (double[] Truth, double[] Signals) Draw(string family, string filter, int seed)
    {
        var random = new Random(1000 + seed);
        var truth = Synthetic.Graph(family, Size, random);
        return (truth, Synthetic.Signals(Synthetic.Operator(truth, Size, Synthetic.Filter(filter)), Size, Rows, random));
    }

    private static double Error(double[] truth, IReadOnlyList<double> found) =>
        Math.Sqrt(truth.Zip(found, (a, b) => (a - b) * (a - b)).Sum() / truth.Sum(a => a * a));

    private static void Finite(LearnedFilterGraph learned)
    {
        Assert.All(learned.Weights, weight => Assert.InRange(weight, 0, 1));
        Assert.All(learned.Filter.Gain, gain => Assert.True(double.IsFinite(gain)));
        Assert.All(learned.Filter.Frequency, frequency => Assert.True(double.IsFinite(frequency)));
        Assert.True(double.IsFinite(learned.Fit));
    }
}
