using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.ModeEstimation.Tests.Stopping;

public sealed class LeaderBettingRuleTests
{
    /// <summary>The bets written down one by one, with theta from the closed form of E in exact integers, and no state shared between labels.</summary>
    [Theory]
    [InlineData(2, 0.1)]
    [InlineData(3, 0.02)]
    [InlineData(6, 0.2)]
    public void Counted_RandomStreams_EqualsTheBetsMadeOneByOne(int labels, double delta)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var law = Enumerable.Range(0, labels).Select(_ => random.NextDouble()).ToArray();
            var sum = law.Sum();
            law = [.. law.Select(share => share / sum)];
            var counts = new TopTwo();
            var rule = new LeaderBettingRule(labels, delta, counts);
            var plain = new PlainBets(labels, delta);
            for (var n = 0; n < 400 && rule.Mode is null; n++)
            {
                var label = Laws.Draw(law, random);
                counts.Add(label);
                rule.Counted(label);
                plain.Count(label);
                Assert.Equal(plain.Mode, rule.Mode);
                Assert.Equal(plain.LogWeakest, rule.LogEValue, 1e-5);
            }
        }
    }

    /// <summary>The event that delta bounds, looked at itself: naming a wrong label takes this and more.</summary>
    [Theory]
    [InlineData(2, 0.1)]
    [InlineData(3, 0.1)]
    [InlineData(10, 0.1)]
    [InlineData(100, 0.1)]
    [InlineData(3, 0.01)]
    public void IsOut_TheModeAtAnExactTie_HappensAtMostDeltaOften(int labels, double delta)
    {
        const int Runs = 2_000;
        var random = new Random(labels);
        var wronged = 0;
        for (var run = 0; run < Runs; run++)
        {
            var counts = new TopTwo();
            var rule = new LeaderBettingRule(labels, delta, counts);
            for (var n = 0; n < 1_000 && !rule.IsOut(0); n++)
            {
                var label = random.Next(labels);
                counts.Add(label);
                rule.Counted(label);
            }

            wronged += rule.IsOut(0) ? 1 : 0;
        }

        Assert.InRange(wronged, Runs * delta / 10, (Runs * delta) + (4 * Math.Sqrt(Runs * delta * (1 - delta))));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Counted_ManyPossibleLabels_CostsNothing(int labels)
    {
        var estimator = new ModeEstimator(labels, 0.01, "leader-betting");
        while (!estimator.Add(0))
        {
        }

        // 2^(n+1)/(n+1) (1 - 2^-(n+1)) / E(1,0) reaches 100: the first label makes the leader, it wins no bet.
        Assert.Equal((0, 10L), (estimator.Mode, estimator.Counted));
    }

    [Fact]
    public void LeaderNeeded_OnlyTheLeaderComes_IsWhereItStops()
    {
        var random = new Random(4);
        for (var run = 0; run < 50; run++)
        {
            var estimator = new ModeEstimator(5, 0.05, "leader-betting");
            for (var n = 0; n < 30 && !estimator.Decided; n++)
            {
                estimator.Add(Laws.Draw(Laws.Named("F35"), random));
            }

            var needed = estimator.LeaderNeeded;
            while (!estimator.Decided)
            {
                Assert.Equal(needed, estimator.LeaderNeeded);
                estimator.Add(estimator.Leader);
            }

            Assert.Equal(needed, estimator.LeaderCount);
        }
    }

    private sealed class PlainBets(int labels, double delta)
    {
        private readonly long[] _counts = new long[labels];
        private readonly double[] _wealth = [.. Enumerable.Repeat(1.0, labels)];
        private readonly bool[] _out = new bool[labels];
        private int _leader = -1;

        public int? Mode { get; private set; }

        public double LogWeakest => Math.Log(Enumerable.Range(0, labels).Where(label => label != (Mode ?? _leader)).Min(label => _wealth[label]));

        public void Count(int label)
        {
            for (var rival = 0; rival < labels; rival++)
            {
                if (_leader < 0 || rival == _leader || _out[rival])
                {
                    continue;
                }

                var (a, b) = (_counts[_leader], _counts[rival]);
                var gain = E(a + 1, b) / E(a, b);
                _wealth[rival] *= label == _leader ? gain : label == rival ? 2 - gain : 1;
                _out[rival] = _wealth[rival] >= (1 + 1e-6) / delta;
            }

            _counts[label]++;
            _leader = _leader < 0 || _counts[label] > _counts[_leader] ? label : _leader;
            var left = Enumerable.Range(0, labels).Where(rival => !_out[rival]).ToList();
            Mode = left.Count == 1 ? left[0] : left.Count == 0 ? _leader : null;
        }

        /// <summary>(sum over i up to a of C(n+1,i)) / ((n+1) C(n,a)).</summary>
        private static double E(long a, long b)
        {
            var n = a + b;
            var (term, sum, ways) = (1.0, 1.0, 1.0);
            for (var i = 1; i <= a; i++)
            {
                term *= (n + 2.0 - i) / i;
                sum += term;
                ways *= (b + i) / (double)i;
            }

            return sum / ((n + 1) * ways);
        }
    }
}
