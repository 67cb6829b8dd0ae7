using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests;

/// <summary>
/// Laws that no published table has. The long form is
/// <c>dotnet run -c Release --project tests/Streams.Benchmarks -- modes held-out</c>.
/// </summary>
public sealed class HeldOutLawTests
{
    private const int Runs = 100;

    public static TheoryData<string, int> Cases { get; } = new()
    {
        { "zipf", 10 }, { "zipf", 300 }, { "bump", 200 }, { "random", 5 }, { "random", 40 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Add_HeldOutLaw_EveryRuleFindsTheModeAndTheDefaultAsksForFewerLabelsThanPpr(string kind, int labels)
    {
        const double Delta = 0.05;
        var law = Law(kind, labels);
        var means = new Dictionary<string, double>();
        foreach (var rule in LabelRules.All.Where(rule => rule is not (LabelRules.Bernstein or LabelRules.BernsteinPairs)))
        {
            var random = new Random(labels);
            var (sum, wrong) = (0L, 0);
            for (var run = 0; run < Runs; run++)
            {
                var estimator = new ModeEstimator(labels, Delta, rule);
                while (!estimator.Add(Laws.Draw(law, random)))
                {
                }

                sum += estimator.Counted;
                wrong += estimator.Mode == 0 ? 0 : 1;
            }

            Assert.True(wrong <= (Runs * Delta) + (4 * Math.Sqrt(Runs * Delta * (1 - Delta))), $"{rule}: {wrong} of {Runs} wrong");
            means[rule] = sum / (double)Runs;
        }

        // With many labels the union over them is what PPR pays for; leader betting pays nothing.
        Assert.True(means[LabelRules.Default] < means[LabelRules.Ppr], $"{means[LabelRules.Default]:F0} against {means[LabelRules.Ppr]:F0}");
    }

    /// <summary>Looking only at the end of batches, or at labels shuffled within them, is looking at the same law.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(200)]
    public void Add_ShuffledInBatches_TheModeIsRejectedAtMostDeltaOften(int batch)
    {
        const double Delta = 0.1;
        const int Ties = 300;
        var random = new Random(batch);
        var arrivals = new int[batch];
        foreach (var rule in LabelRules.All)
        {
            var wrong = 0;
            for (var run = 0; run < Ties; run++)
            {
                var estimator = new ModeEstimator(3, Delta, rule);
                var isRejected = false;
                while (!estimator.Decided && estimator.Counted < 1_000)
                {
                    for (var i = 0; i < batch; i++)
                    {
                        arrivals[i] = random.Next(3);
                    }

                    random.Shuffle(arrivals);
                    for (var i = 0; i < batch && !estimator.Decided; i++)
                    {
                        estimator.Add(arrivals[i]);
                        isRejected |= estimator.IsRejected(0);
                    }
                }

                wrong += isRejected ? 1 : 0;
            }

            Assert.True(wrong <= (Ties * Delta) + (4 * Math.Sqrt(Ties * Delta * (1 - Delta))), $"{rule}: {wrong} of {Ties}");
        }
    }

    private static double[] Law(string kind, int labels)
    {
        var random = new Random(labels);
        double[] weights;
        do
        {
            weights = kind switch
            {
                "zipf" => [.. Enumerable.Range(1, labels).Select(rank => 1.0 / rank)],
                "bump" => [0.08 * labels, .. Enumerable.Repeat(1.0, labels - 1)],
                _ => [.. Enumerable.Range(0, labels).Select(_ => -Math.Log(1 - random.NextDouble())).OrderDescending()],
            };
        }
        while (weights[1] > 0.8 * weights[0]); // Nearer ties take too long here.

        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}
