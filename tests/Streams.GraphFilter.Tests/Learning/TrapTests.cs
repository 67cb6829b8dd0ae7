using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.Learning;

/// <summary>What the covariance cannot tell, and readings that are not what they should be.</summary>
public sealed class TrapTests
{
    private const int Size = 16;

    /// <summary>K - A with the filter turned round has the very same covariance: the sign decides, by the constant mode.</summary>
    [Theory]
    [InlineData("heat", FilterSign.LowPass)]
    [InlineData("high", FilterSign.HighPass)]
    public void Complement_SignFromTheConstantMode_IsNotTaken(string filter, FilterSign sign)
    {
        var (truth, covariance) = Exact("sbm", filter, 41);
        var learned = FigLearn.FromCovariance(covariance, Size, new FigLearnOptions { Samples = 1_000 });
        Assert.Equal(sign, learned.Sign);
        Assert.InRange(Synthetic.F1(truth, learned), 0.9, 1);
        Assert.InRange(Synthetic.F1([.. truth.Select(edge => 1 - edge)], learned), 0, 0.3);
    }

    /// <summary>a K + b A for A: the same covariance after a change of filter, and the same edges.</summary>
    [Fact]
    public void OffsetGauge_Weights_ChangeNothing()
    {
        var (truth, covariance) = Exact("rgg", "heat", 42);
        var shifted = truth.Select(edge => 0.3 + (0.4 * edge)).ToArray();
        var frequencies = Frequencies(shifted);
        var gauged = Synthetic.Operator(shifted, Size, frequency => frequency < 1e-9 ? 1 : Math.Exp(-0.1 * (frequency - (0.3 * Size)) / 0.4));
        var same = Squared(gauged);
        Assert.True(frequencies[1] > 1);
        Assert.All(covariance.Zip(same), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        Assert.InRange(Synthetic.F1(truth, FigLearn.FromCovariance(same, Size, new FigLearnOptions { Samples = 1_000 })), 0.97, 1);
    }

    [Theory]
    [InlineData(1e-12)]
    [InlineData(1e12)]
    public void RescaledData_Graph_IsTheSame(double factor)
    {
        var (_, signals) = Draw("sbm", "tikhonov", 500, 43);
        var expected = FigLearn.FromSamples(signals, Size);
        var learned = FigLearn.FromSamples([.. signals.Select(value => value * factor)], Size);
        Assert.Equal(expected.Edges().Select(edge => (edge.From, edge.To)).Order(), learned.Edges().Select(edge => (edge.From, edge.To)).Order());
        Assert.Equal(expected.Fit, learned.Fit, 1e-6);
    }

    /// <summary>Without a constant mode the covariance is that of a graph and of its complement: the notes ask, and a declaration settles it.</summary>
    [Fact]
    public void CentredAcrossSensors_IsNoticedAndCanBeDeclared()
    {
        var (truth, signals) = Draw("rgg", "tikhonov", 1_000, 44);
        for (var row = 0; row < signals.Length; row += Size)
        {
            var mean = signals.AsSpan(row, Size).ToArray().Average();
            for (var i = row; i < row + Size; i++)
            {
                signals[i] -= mean;
            }
        }

        Assert.Contains(FigLearn.FromSamples(signals, Size).Notes, note => note.Contains("the constant mode is empty", StringComparison.Ordinal));
        var learned = FigLearn.FromSamples(signals, Size, new FigLearnOptions { WithoutConstantMode = true });
        Assert.Equal(FilterSign.LowPass, learned.Sign);
        Assert.InRange(Synthetic.F1(truth, learned), 0.9, 1);
    }

    /// <summary>A filter that rises and falls gives two frequencies one gain: no graph can be told.</summary>
    [Theory]
    [InlineData("sbm", 45)]
    [InlineData("er", 46)]
    [InlineData("rgg", 47)]
    public void BandPass_IsCalledNotIdentifiable(string family, int seed)
    {
        var random = new Random(seed);
        var truth = Synthetic.Graph(family, Size, random);
        var frequencies = Frequencies(truth);
        var middle = frequencies[Size / 2];
        var width = (frequencies[^1] - frequencies[1]) / 6;
        var filter = Synthetic.Operator(truth, Size, frequency => 0.05 + Math.Exp(-Math.Pow((frequency - middle) / width, 2)));
        var learned = FigLearn.FromSamples(Synthetic.Signals(filter, Size, 2_000, random), Size);
        Assert.Contains(learned.Notes, note => note.Contains("not identifiable", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("heat")]
    [InlineData("tikhonov")]
    [InlineData("high")]
    public void MonotoneFilter_IsNotCalledSo(string filter)
    {
        for (var seed = 50; seed < 54; seed++)
        {
            var (_, signals) = Draw(seed % 2 == 0 ? "sbm" : "rgg", filter, 2_000, seed);
            Assert.DoesNotContain(FigLearn.FromSamples(signals, Size).Notes, note => note.Contains("not identifiable", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void DeadSensors_AreLeftOutAndNamed()
    {
        var (truth, signals) = Draw("sbm", "tikhonov", 500, 48);
        var wide = Widen(signals, Size + 2, (row, i) => i == 3 ? 7.5 : i == Size + 1 ? 0 : row[i > 3 ? i - 1 : i]);
        var learned = FigLearn.FromSamples(wide, Size + 2);
        Assert.Contains(learned.Notes, note => note.Contains($"without variance, left out: sensor 3, sensor {Size + 1}", StringComparison.Ordinal));
        Assert.DoesNotContain(learned.Edges(), edge => edge.From == 3 || edge.To == 3 || edge.To == Size + 1);
        var alone = FigLearn.FromSamples(signals, Size);
        Assert.Equal(alone.Edges().Count, learned.Edges().Count);
        Assert.InRange(Synthetic.F1(truth, alone), 0.95, 1);
    }

    [Fact]
    public void DuplicateSensors_AreNamedAndNeighbours()
    {
        var (_, signals) = Draw("sbm", "tikhonov", 500, 49);
        var wide = Widen(signals, Size + 1, (row, i) => row[i == Size ? 2 : i]);
        var learned = FigLearn.FromSamples(wide, Size + 1);
        Assert.Contains(learned.Notes, note => note.Contains($"the same readings twice: sensors 2 and {Size}", StringComparison.Ordinal));
        Assert.Contains(learned.Edges(), edge => edge.From == 2 && edge.To == Size);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void NotANumber_IsNamed(double value)
    {
        var (_, signals) = Draw("sbm", "heat", 30, 60);
        signals[(4 * Size) + 5] = value;
        var message = Assert.Throws<ArgumentException>(() => FigLearn.FromSamples(signals, Size)).Message;
        Assert.Contains("row 4 of sensor 5", message, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoSamples_GiveAFiniteAnswerAndAWarning()
    {
        var (_, signals) = Draw("sbm", "heat", 2, 61);
        var learned = FigLearn.FromSamples(signals, Size);
        Assert.All(learned.Weights, weight => Assert.InRange(weight, 0, 1));
        Assert.All(learned.Covariance, entry => Assert.True(double.IsFinite(entry)));
        Assert.Contains(learned.Notes, note => note.Contains("too few", StringComparison.Ordinal));
    }

    [Fact]
    public void OneSensor_SaysWhatIsNeeded() =>
        Assert.Contains("two sensors", Assert.Throws<ArgumentException>(() => FigLearn.FromSamples([1, 2, 3], 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void AllButOneSensorDead_HasNoEdges()
    {
        var learned = FigLearn.FromSamples([1, 5, 2, 5, 4, 5], 2);
        Assert.Empty(learned.Edges());
        Assert.Contains(learned.Notes, note => note.Contains("fewer than two sensors vary", StringComparison.Ordinal));
    }

    [Fact]
    public void NotSymmetric_IsNamed() =>
        Assert.Contains("(1, 0)", Assert.Throws<ArgumentException>(() => FigLearn.FromCovariance([1, 0.5, 0.2, 1], 2)).Message, StringComparison.Ordinal);

    [Fact]
    public void NegativeVariance_IsNamed() =>
        Assert.Contains("variance of sensor 1", Assert.Throws<ArgumentException>(() => FigLearn.FromCovariance([1, 0, 0, -1], 2)).Message, StringComparison.Ordinal);

    private static double[] Frequencies(double[] edges) => Dense.Eigen(Edges.Laplacian(edges, Size), Size).Values;

    private static double[] Squared(double[] matrix)
    {
        var square = new double[matrix.Length];
        Product.Multiply(matrix, matrix, square, Size);
        return square;
    }

    private static (double[] Truth, double[] Covariance) Exact(string family, string filter, int seed)
    {
        var truth = Synthetic.Graph(family, Size, new Random(seed));
        return (truth, Squared(Synthetic.Operator(truth, Size, Synthetic.Filter(filter))));
    }

    private static (double[] Truth, double[] Signals) Draw(string family, string filter, int rows, int seed)
    {
        var random = new Random(seed);
        var truth = Synthetic.Graph(family, Size, random);
        return (truth, Synthetic.Signals(Synthetic.Operator(truth, Size, Synthetic.Filter(filter)), Size, rows, random));
    }

    private static double[] Widen(double[] signals, int sensors, Func<double[], int, double> value)
    {
        var rows = signals.Length / Size;
        var wide = new double[rows * sensors];
        for (var row = 0; row < rows; row++)
        {
            var values = signals.AsSpan(row * Size, Size).ToArray();
            for (var i = 0; i < sensors; i++)
            {
                wide[(row * sensors) + i] = value(values, i);
            }
        }

        return wide;
    }
}
