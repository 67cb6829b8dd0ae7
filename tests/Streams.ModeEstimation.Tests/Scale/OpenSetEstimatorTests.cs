using CsCheck;
using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Scale;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests.Scale;

public sealed class OpenSetEstimatorTests
{
    private const int Runs = 1_000;
    private const int Samples = 1_000;
    private const double Delta = 0.1;

    /// <summary>
    /// At a tie each label is a mode; let label 0 be the one: delta bounds how often another is named. With fewer counters than labels hardly any is.
    /// </summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(10, 10)]
    [InlineData(10, 2)]
    [InlineData(10, 6)]
    [InlineData(100, 16)]
    [InlineData(100, 64)]
    [InlineData(1_000, 64)]
    [InlineData(1_000, 512)]
    public void Add_Tie_NamesAnotherThanTheModeAtMostDeltaOften(int labels, int capacity)
    {
        var random = new Random(labels + capacity);
        AssertValid(capacity, _ => random.Next(labels));
    }

    /// <summary>Two labels level at 0.3 each among others that come once: their counters are taken over and started anew all the time.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void Add_TieAmongRareLabels_NamesAnotherThanTheModeAtMostDeltaOften(int capacity)
    {
        var random = new Random(capacity);
        AssertValid(capacity, n => random.Next(10) switch { < 3 => 0, < 6 => 1, _ => 2 + n });
    }

    /// <summary>The tests above can fail: counts taken as if no counter were ever started anew, with no price for that, let a label that keeps its counter beat its equal.</summary>
    [Fact]
    public void Add_CountersTakenForExact_WouldErr()
    {
        const int Few = 400;
        var boundary = PairStatistics.Table(LabelRules.OneSided, Boundary.Threshold(2, Delta));
        var random = new Random(3);
        var wrong = 0;
        for (var run = 0; run < Few; run++)
        {
            var counters = new SpaceSaving<int>(2);
            for (var (n, isDecided) = (0, false); n < Samples && !isDecided; n++)
            {
                var label = random.Next(10) switch { < 3 => 0, < 6 => 1, _ => 2 + n };
                counters.Add(label);
                isDecided = counters.CountOf(label).AtLeast >= boundary[counters.CountOf(label == 0 ? 1 : 0).AtLeast];
                wrong += isDecided && label != 0 ? 1 : 0;
            }
        }

        Assert.True(wrong > Bound(Few), $"{wrong} of {Few}");
    }

    [Fact]
    public void Add_HundredThousandLabelsByZipf_IsDecidedWith256Counters()
    {
        var cumulated = new double[100_000];
        for (var label = 0; label < cumulated.Length; label++)
        {
            cumulated[label] = (label == 0 ? 0 : cumulated[label - 1]) + (1.0 / (label + 1));
        }

        var random = new Random(11);
        for (var run = 0; run < 20; run++)
        {
            var estimator = new OpenSetEstimator(256, 0.01);
            while (estimator.Mode is null && estimator.Counted < 20_000)
            {
                var at = Array.BinarySearch(cumulated, random.NextDouble() * cumulated[^1]);
                estimator.Add($"{(at < 0 ? ~at : at)}");
            }

            Assert.Equal("0", estimator.Mode);
        }
    }

    [Fact]
    public void Add_RareLabelsOnceEach_NeverRunOutOfMemoryNorNameOne()
    {
        var estimator = new OpenSetEstimator(8, 0.1);
        for (var n = 0; n < 100_000; n++)
        {
            Assert.False(estimator.Add($"{n}"));
        }

        using var state = new MemoryStream(Saved(estimator));
        Assert.InRange(state.Length, 8, 8 * 20);
    }

    /// <summary>With a counter for every label the counts are exact, and it is os-rank.</summary>
    [Fact]
    public void Add_CountersForAllLabels_DecidesAsOneSidedRankDoes() =>
        Gen.Int[0, 5].Array[0, 300].Sample(
            labels =>
            {
                var exact = new ModeEstimator(6, 0.2, LabelRules.OneSidedRank);
                var open = new OpenSetEstimator(6, 0.2);
                foreach (var label in labels)
                {
                    var isDecided = exact.Add(label);
                    Assert.Equal(isDecided, open.Add($"{label}"));
                    if (isDecided)
                    {
                        Assert.Equal($"{exact.Mode}", open.Mode);
                        break;
                    }
                }
            },
            iter: 300);

    [Fact]
    public void Restore_InTheMiddle_GoesOnAsIfNothingHadBeen() =>
        Gen.Select(Gen.Int[0, 30].Array[1, 200], Gen.Double[0, 1], Gen.Int[2, 20]).Sample(
            (labels, share, capacity) =>
            {
                var (whole, part) = (new OpenSetEstimator(capacity, 1e-6), new OpenSetEstimator(capacity, 1e-6));
                for (var n = 0; n < labels.Length; n++)
                {
                    if (n == (int)(share * labels.Length))
                    {
                        using var reader = new BinaryReader(new MemoryStream(Saved(part)));
                        part = OpenSetEstimator.Restore(reader);
                    }

                    Assert.Equal(whole.Add($"{labels[n]}"), part.Add($"{labels[n]}"));
                    Assert.Equal(whole.Leader, part.Leader);
                }

                Assert.Equal(Saved(whole), Saved(part));
            },
            iter: 200);

    [Fact]
    public void Restore_DamagedState_IsRefused()
    {
        var estimator = new OpenSetEstimator(4, 0.1);
        estimator.Add("a");
        estimator.Add("b");
        var state = Saved(estimator);

        // Version; counters; delta, whose first byte follows; the second label is made the first again.
        foreach (var (at, value) in new[] { (0, (byte)7), (1, (byte)1), (9, (byte)0x80), (state.Length - 4, (byte)'a') })
        {
            var damaged = (byte[])state.Clone();
            damaged[at] = value;
            using var reader = new BinaryReader(new MemoryStream(damaged));
            Assert.Throws<InvalidDataException>(() => OpenSetEstimator.Restore(reader));
        }
    }

    [Fact]
    public void Constructor_ImpossibleNumbers_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpenSetEstimator(1, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpenSetEstimator(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpenSetEstimator(2, double.NaN));
    }

    private static void AssertValid(int capacity, Func<int, int> draw)
    {
        var wrong = 0;
        for (var run = 0; run < Runs; run++)
        {
            var estimator = new OpenSetEstimator(capacity, Delta);
            for (var n = 0; n < Samples && estimator.Mode is null; n++)
            {
                estimator.Add($"{draw(n)}");
            }

            wrong += estimator.Mode is not (null or "0") ? 1 : 0;
        }

        Assert.True(wrong <= Bound(Runs), $"{wrong} of {Runs} runs with {capacity} counters");
    }

    /// <summary>Delta, and the binomial's fourth standard deviation above it for the luck of so many runs.</summary>
    private static double Bound(int runs) => (runs * Delta) + (4 * Math.Sqrt(runs * Delta * (1 - Delta)));

    private static byte[] Saved(OpenSetEstimator estimator)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        estimator.Save(writer);
        return stream.ToArray();
    }
}
