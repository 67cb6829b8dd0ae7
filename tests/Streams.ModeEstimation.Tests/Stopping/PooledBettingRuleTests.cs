using CsCheck;
using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests.Stopping;

public sealed class PooledBettingRuleTests
{
    /// <summary>Against every label of the set from the first one on, seen or not, each bet from the counts before the label, and no state shared between labels.</summary>
    [Theory]
    [InlineData(2, 0.1)]
    [InlineData(3, 0.02)]
    [InlineData(9, 0.2)]
    public void Counted_RandomStreams_EqualsTheBetsMadeOneByOne(int labels, double delta)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var weights = Enumerable.Range(0, labels).Select(_ => 0.3 + random.NextDouble()).ToArray();
            var law = weights.Select(weight => weight / weights.Sum()).ToArray();
            var counts = new TopTwo();
            var rule = new PooledBettingRule(labels, delta, counts);
            var (plain, leader, wealth) = (new long[labels], -1, Enumerable.Repeat(1.0, labels).ToArray());
            for (var n = 0; n < 500 && rule.Mode is null; n++)
            {
                var label = Laws.Draw(law, random);
                var left = Enumerable.Range(0, labels).Where(j => j != leader && plain[j] > 0 && wealth[j] < 1 / delta).ToList();
                for (var j = 0; j < labels && leader >= 0; j++)
                {
                    if (j != leader && wealth[j] < 1 / delta && (label == leader || label == j))
                    {
                        var rival = plain[j] == 0 || left.Count < 2 ? plain[j] : plain[j] + (20 / (20.0 + plain[j]) * (left.Average(other => plain[other]) - plain[j]));
                        var theta = (plain[leader] + 2) / (plain[leader] + rival + 4);
                        wealth[j] *= label == leader ? 2 * theta : 2 * (1 - theta);
                    }
                }

                plain[label]++;
                leader = leader < 0 || plain[label] > plain[leader] ? label : leader;
                counts.Add(label);
                rule.Counted(label);
                Assert.Equal(Enumerable.Range(0, labels).Where(j => wealth[j] >= 1 / delta), Enumerable.Range(0, labels).Where(rule.IsOut));
                Assert.Equal(Math.Log(wealth.Where((_, j) => j != (rule.Mode ?? leader)).Min()), rule.LogEValue, 1e-5);
                Assert.Equal(wealth.Count(one => one < 1 / delta) <= 1, rule.Mode is not null);
            }
        }
    }

    /// <summary>What makes it valid at every tie: nothing is won on average against a label that comes as often as the leader.</summary>
    [Fact]
    public void Gain_AnyCounts_IsABetOnTheLeaderAndWithinBounds() =>
        Gen.Select(Gen.Long[1, 100_000], Gen.Double[0, 1], Gen.Int[0, 50], Gen.Double[0, 1]).Sample((lead, share, rivals, level) =>
        {
            var gain = PooledBet.Gain(lead, (long)(share * lead), rivals, (long)(level * lead * rivals));
            Assert.InRange(gain, 1, 2);
            Assert.InRange(2 - gain, double.Epsilon, 1);
        });

    [Fact]
    public void LeaderNeeded_NothingButTheLeaderComes_IsWhenItStops() =>
        Gen.Int[0, 4].Array[0, 60].Sample(
            labels =>
            {
                var estimator = new ModeEstimator(6, 0.05, LabelRules.LeaderBettingPooled);
                foreach (var label in labels)
                {
                    if (!estimator.Decided)
                    {
                        estimator.Add(label);
                    }
                }

                var needed = estimator.LeaderNeeded;
                while (!estimator.Decided)
                {
                    estimator.Add(Math.Max(0, estimator.Leader));
                }

                Assert.Equal(needed, estimator.LeaderCount);
            },
            iter: 300);

    [Fact]
    public void Counted_SeveralRivalsLevel_TakesFewerLabelsThanTheOtherBets()
    {
        var law = Laws.Named("P1");
        double Mean(string rule)
        {
            var random = new Random(4);
            var total = 0L;
            for (var run = 0; run < 200; run++)
            {
                var estimator = new ModeEstimator(law.Length, 0.01, rule);
                while (!estimator.Add(Laws.Draw(law, random)))
                {
                }

                total += estimator.Counted;
            }

            return total / 200.0;
        }

        Assert.InRange(Mean(LabelRules.LeaderBettingPooled), 130, 0.97 * Mean(LabelRules.LeaderBettingMix));
    }
}
