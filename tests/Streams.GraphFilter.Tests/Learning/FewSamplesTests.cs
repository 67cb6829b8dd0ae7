using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class FewSamplesTests
{
    private const int Size = 24;

    [Fact]
    public void Shrink_EnoughReadingsOrNoCount_ChangesNothing()
    {
        var covariance = new double[Size * Size];
        Assert.Same(covariance, FewSamples.Shrink(covariance, Size, 6 * Size));
        Assert.Same(covariance, FewSamples.Shrink(covariance, Size, null));
    }

    [Fact]
    public void Shrink_FewReadings_KeepsTheConstantModeAndTheTraceAndFadesTheRest()
    {
        var (_, signals) = Draw(3);
        var before = Covariance(signals);
        var after = FewSamples.Shrink(before, Size, 30);

        Assert.Equal(before.Sum(), after.Sum(), 1e-9);
        Assert.Equal(Trace(before), Trace(after), 1e-9);
        var other = (Trace(before) - (before.Sum() / Size)) / (Size - 1);
        double constant = before.Sum() / Size, share = 0.5 * Size / (Size + 60);
        Assert.Equal(((1 - share) * before[1]) + (share * (constant - other) / Size), after[1], 1e-12);
    }

    [Fact]
    public void FromSamples_AboutAsManyReadingsAsSensors_FindsMoreOfTheGraph()
    {
        var (with, without) = (0.0, 0.0);
        for (var seed = 0; seed < 12; seed++)
        {
            var (truth, signals) = Draw(seed);
            with += Synthetic.F1(truth, FigLearn.FromSamples(signals, Size));
            without += Synthetic.F1(truth, FigLearn.FromCovariance(Covariance(signals), Size));
        }

        Assert.True(with > without + 0.05, $"{with / 12:F3} against {without / 12:F3}");
    }

    private static (double[] Truth, double[] Signals) Draw(int seed)
    {
        var random = new Random(1000 + seed);
        var truth = Synthetic.Graph("sbm", Size, random);
        return (truth, Synthetic.Signals(Synthetic.Operator(truth, Size, Synthetic.Filter("heat")), Size, 30, random));
    }

    private static double Trace(double[] matrix) => Enumerable.Range(0, Size).Sum(i => matrix[i * (Size + 1)]);

    private static double[] Covariance(double[] signals)
    {
        var rows = signals.Length / Size;
        var means = Enumerable.Range(0, Size).Select(i => Enumerable.Range(0, rows).Average(row => signals[(row * Size) + i])).ToArray();
        return [.. Enumerable.Range(0, Size * Size).Select(at =>
            Enumerable.Range(0, rows).Sum(row => (signals[(row * Size) + (at / Size)] - means[at / Size]) * (signals[(row * Size) + (at % Size)] - means[at % Size])) / (rows - 1))];
    }
}
