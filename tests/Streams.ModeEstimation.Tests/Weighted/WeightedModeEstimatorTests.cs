using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Weighted;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests.Weighted;

public sealed class WeightedModeEstimatorTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void Add_LabelsAtATie_RejectsTheModeAtMostDeltaOften(int labels)
    {
        const int Runs = 2_000;
        const double Delta = 0.05;
        var random = new Random(labels);
        var wrong = 0;
        var weights = new double[labels];
        for (var run = 0; run < Runs; run++)
        {
            var estimator = new WeightedModeEstimator(Delta);
            for (var n = 0; n < 800 && estimator.Mode is null; n++)
            {
                // Half of them whole labels, half probability vectors of the same mean.
                Array.Clear(weights);
                if (n % 2 == 0)
                {
                    weights[random.Next(labels)] = 1;
                }
                else
                {
                    var (a, b) = (random.Next(labels), random.Next(labels));
                    weights[a] += 0.6;
                    weights[b] += 0.4;
                }

                estimator.Add(weights);
                if (estimator.IsRejected(0))
                {
                    wrong++;
                    break;
                }
            }
        }

        Assert.True(wrong <= (Runs * Delta) + (4 * Math.Sqrt(Runs * Delta * (1 - Delta))), $"{wrong} of {Runs}");
    }

    [Theory]
    [InlineData("B65")]
    [InlineData("T60")]
    [InlineData("F35")]
    public void Add_WholeLabels_NeedsAboutWhatLeaderBettingNeeds(string law)
    {
        const int Runs = 300;
        var random = new Random(1);
        var (weighted, whole, wrong) = (0L, 0L, 0);
        var p = Laws.Named(law);
        for (var run = 0; run < Runs; run++)
        {
            var estimator = new WeightedModeEstimator(0.01);
            var counts = new ModeEstimator(p.Length, 0.01, LabelRules.LeaderBetting);
            while (estimator.Mode is null || !counts.Decided)
            {
                var label = Laws.Draw(p, random);
                if (estimator.Mode is null)
                {
                    var weights = new double[label + 1];
                    weights[label] = 1;
                    estimator.Add(weights);
                }

                if (!counts.Decided)
                {
                    counts.Add(label);
                }
            }

            weighted += estimator.Counted;
            whole += counts.Counted;
            wrong += estimator.Mode == 0 ? 0 : 1;
        }

        Assert.InRange((double)weighted / whole, 0.65, 1.25);
        Assert.InRange(wrong, 0, 9);
    }

    [Fact]
    public void Add_ConfidentVectors_DecidesSoonerThanTheirMostLikelyLabels()
    {
        const int Runs = 200;
        var random = new Random(6);
        var (soft, hard) = (0L, 0L);
        for (var run = 0; run < Runs; run++)
        {
            var vectors = new WeightedModeEstimator(0.01);
            var labels = new WeightedModeEstimator(0.01);
            while (vectors.Mode is null || labels.Mode is null)
            {
                // A classifier that is calibrated: it says .6 or .4, and a label drawn from what it says is right that often.
                double[] vector = random.NextDouble() < 0.8 ? [0.6, 0.4] : [0.4, 0.6];
                if (vectors.Mode is null)
                {
                    vectors.Add(vector);
                }

                if (labels.Mode is null)
                {
                    labels.Add(random.NextDouble() < vector[0] ? [1.0, 0.0] : [0.0, 1.0]);
                }
            }

            soft += vectors.Counted;
            hard += labels.Counted;
        }

        Assert.True(soft < hard / 2, $"{soft} against {hard}");
    }

    [Fact]
    public void Restore_InTheMiddle_DecidesAtTheSameSample()
    {
        var random = new Random(3);
        var whole = new WeightedModeEstimator(0.001);
        var parts = new WeightedModeEstimator(0.001);
        while (whole.Mode is null)
        {
            double[] weights = [random.NextDouble() * 0.5, random.NextDouble() * 0.3, random.NextDouble() * 0.2];
            whole.Add(weights);
            parts.Add(weights);
            using var stream = new MemoryStream();
            using var writer = new BinaryWriter(stream);
            parts.Save(writer);
            stream.Position = 0;
            parts = WeightedModeEstimator.Restore(new BinaryReader(stream), 0.001);
            Assert.Equal(whole.Mode, parts.Mode);
        }

        Assert.Equal(0, whole.Mode);
    }

    [Theory]
    [InlineData(double.NaN, 0.1, "weight 0 is NaN")]
    [InlineData(0.1, -0.1, "weight 1 is -0.1")]
    [InlineData(0.7, 0.7, "add up to 1.4")]
    public void Add_WeightsThatAreNone_AreRefused(double first, double second, string problem)
    {
        var estimator = new WeightedModeEstimator(0.01);
        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => estimator.Add([first, second])).Message, StringComparison.Ordinal);
        Assert.Equal(0, estimator.Counted);
    }
}
