using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests;

/// <summary>
/// The promise is spent at ties: label 0 is a mode, and that it is ever rejected is the event that delta bounds; naming another label
/// takes it. Easy laws would not tell a broken rule from a valid one. The long form, 10,000 runs of 20,000 labels, is
/// <c>dotnet run -c Release --project tests/Streams.Benchmarks -- modes validity</c>.
/// </summary>
public sealed class ValidityTests
{
    private const int Runs = 1_000;
    private const int Samples = 1_500;
    private static readonly double[] s_deltas = [0.1, 0.01];

    public static TheoryData<double[]> Cases { get; } =
    [
        Laws.Tie(2),
        Laws.Tie(3),
        Laws.Tie(10),
        Laws.Tie(100),
        Laws.Named("0.505/0.495"),
        Laws.Named("0.34/0.33x2"),
        Laws.Named("0.102/0.0998x9"),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void IsRejected_TheModeAtATieOrNearTie_HappensAtMostDeltaOften(double[] law)
    {
        var wrong = new int[LabelRules.All.Count, s_deltas.Length];
        var random = new Random(law.Length);
        var labels = new int[Samples];
        for (var run = 0; run < Runs; run++)
        {
            for (var n = 0; n < Samples; n++)
            {
                labels[n] = Laws.Draw(law, random);
            }

            for (var rule = 0; rule < LabelRules.All.Count; rule++)
            {
                for (var at = 0; at < s_deltas.Length; at++)
                {
                    wrong[rule, at] += IsModeRejected(labels, law.Length, s_deltas[at], LabelRules.All[rule]) ? 1 : 0;
                }
            }
        }

        for (var rule = 0; rule < LabelRules.All.Count; rule++)
        {
            for (var at = 0; at < s_deltas.Length; at++)
            {
                // At most delta, and the binomial's fourth standard deviation above it for the luck of so many runs.
                var (delta, count) = (s_deltas[at], wrong[rule, at]);
                Assert.True(
                    count <= (Runs * delta) + (4 * Math.Sqrt(Runs * delta * (1 - delta))),
                    $"{LabelRules.All[rule]} rejected the mode in {count} of {Runs} runs at delta {delta}");
            }
        }
    }

    /// <summary>The test above can fail: the usual quorum, a posterior above 1 - delta looked at after every label, does.</summary>
    [Fact]
    public void Add_RuleWithoutAGuarantee_ErrsMoreOftenThanDelta()
    {
        var random = new Random(2);
        var wrong = 0;
        for (var run = 0; run < Runs; run++)
        {
            var (a, b) = (0, 0);
            for (var n = 0; n < Samples; n++)
            {
                _ = random.Next(2) == 0 ? a++ : b++;
                if (Math.Abs(a - b) >= 1.2816 * Math.Sqrt(n + 3))
                {
                    wrong += b > a ? 1 : 0;
                    break;
                }
            }
        }

        Assert.True(wrong > (Runs * 0.1) + (4 * Math.Sqrt(Runs * 0.1 * 0.9)), $"{wrong} of {Runs}");
    }

    private static bool IsModeRejected(int[] labels, int kinds, double delta, string rule)
    {
        var estimator = new ModeEstimator(kinds, delta, rule);
        for (var n = 0; n < labels.Length && !estimator.Decided; n++)
        {
            estimator.Add(labels[n]);
            if (estimator.IsRejected(0))
            {
                return true;
            }
        }

        return false;
    }
}
