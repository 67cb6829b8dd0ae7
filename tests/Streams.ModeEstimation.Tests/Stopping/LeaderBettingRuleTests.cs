using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests.Stopping;

public sealed class LeaderBettingRuleTests
{
    public static TheoryData<string> Names { get; } = [.. LabelRules.All];

    /// <summary>The bets written down one by one, with theta from the closed form of E, and no state shared between labels.</summary>
    [Theory]
    [InlineData("leader-betting", 2, 0.1)]
    [InlineData("leader-betting", 3, 0.02)]
    [InlineData("leader-betting", 6, 0.2)]
    [InlineData("leader-betting-mix", 2, 0.1)]
    [InlineData("leader-betting-mix", 3, 0.02)]
    [InlineData("leader-betting-mix", 6, 0.2)]
    public void Counted_RandomStreams_EqualsTheBetsMadeOneByOne(string name, int labels, double delta)
    {
        int[] shapes = name == "leader-betting" ? [1] : [1, 20, 400];
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var law = Enumerable.Range(0, labels).Select(_ => random.NextDouble()).ToArray();
            var sum = law.Sum();
            law = [.. law.Select(share => share / sum)];
            var counts = new TopTwo();
            var rule = new LeaderBettingRule(Prior(name), labels, delta, counts);
            var plain = new PlainBets(shapes, labels, delta);
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

    /// <summary>Along a path of 200,000 labels the recurrences stay on the closed form, which nothing forces them to: errors do not grow.</summary>
    [Fact]
    public void LeaderCame_LongPath_StaysOnTheClosedForm()
    {
        var prior = BettingPrior.Mixture;
        var random = new Random(3);
        var (evidence, a, b) = (prior.Start, 0L, 0L);
        while (a + b < 200_000)
        {
            if (a == b || random.NextDouble() < 0.502)
            {
                evidence = prior.LeaderCame(evidence, a++, b, out _);
            }
            else
            {
                evidence = prior.RivalCame(evidence, a, b++, out _);
            }
        }

        Assert.Equal(PlainBets.LogEvidence([1, 20, 400], a, b), -Math.Log(evidence.Inverse), 1e-8);
        Assert.Equal(1, evidence.Sum, 1e-12);
    }

    [Fact]
    public void At_LevelCounts_IsTheClosedForm()
    {
        var level = LevelEvidence.Start;
        for (var m = 1; m <= 1_000; m++)
        {
            level = level.Raise(m);
            if (m % 111 == 1)
            {
                Assert.Equal(PlainBets.LogEvidence([1, 20, 400], m, m), -Math.Log(BettingPrior.Mixture.At(level).Inverse), 1e-10);
            }
        }
    }

    /// <summary>The event that delta bounds, looked at itself: naming a wrong label takes this and more.</summary>
    [Theory]
    [InlineData("leader-betting", 2, 0.1)]
    [InlineData("leader-betting", 3, 0.1)]
    [InlineData("leader-betting", 10, 0.1)]
    [InlineData("leader-betting", 100, 0.1)]
    [InlineData("leader-betting", 3, 0.01)]
    [InlineData("leader-betting-mix", 2, 0.1)]
    [InlineData("leader-betting-mix", 3, 0.1)]
    [InlineData("leader-betting-mix", 10, 0.1)]
    [InlineData("leader-betting-mix", 100, 0.1)]
    [InlineData("leader-betting-mix", 3, 0.01)]
    public void IsOut_TheModeAtAnExactTie_HappensAtMostDeltaOften(string name, int labels, double delta)
    {
        const int Runs = 2_000;
        var random = new Random(labels);
        var wronged = 0;
        for (var run = 0; run < Runs; run++)
        {
            var counts = new TopTwo();
            var rule = new LeaderBettingRule(Prior(name), labels, delta, counts);
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

        // 2^(n+1)/(n+1) (1 - 2^-(n+1)) / E(1,0) reaches 100: the first label makes the leader, it wins no bet. Unless there are but two.
        Assert.Equal((0, labels == 2 ? 9L : 10L), (estimator.Mode, estimator.Counted));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void LeaderNeeded_OnlyTheLeaderComes_IsWhereItStops(string name)
    {
        var random = new Random(4);
        for (var run = 0; run < 50; run++)
        {
            var estimator = new ModeEstimator(5, 0.05, name);
            for (var n = 0; n <= 6 * run && !estimator.Decided; n++)
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

    /// <summary>Streams as they come by chance in nobody's law: the leader's own claim can be out, and then the last one that is left is named.</summary>
    [Theory]
    [InlineData(LabelRules.LeaderBetting)]
    [InlineData(LabelRules.LeaderBettingMix)]
    [InlineData(LabelRules.LeaderBettingPooled)]
    public void LeaderNeeded_LeaderThatIsOut_IsWhenTheLastOneLeftIsNamed(string name)
    {
        var random = new Random(7);
        var seen = 0;
        for (var run = 0; run < 20_000; run++)
        {
            // Runs of one label, then of another: the first is rejected, and comes back to the lead.
            var estimator = new ModeEstimator(4, 0.3, name);
            var label = 0;
            for (var n = random.Next(40); n > 0 && !estimator.Decided; n--)
            {
                label = random.Next(5) == 0 ? random.Next(4) : label;
                estimator.Add(label);
            }

            if (estimator.Decided || estimator.Counted == 0 || !estimator.IsRejected(estimator.Leader))
            {
                continue;
            }

            seen++;
            var needed = estimator.LeaderNeeded;
            while (!estimator.Decided)
            {
                estimator.Add(estimator.Leader);
            }

            Assert.Equal(needed, estimator.LeaderCount);
        }

        Assert.True(seen > 20, $"{seen} such streams");
    }

    private static BettingPrior Prior(string name) => name == "leader-betting" ? BettingPrior.Uniform : BettingPrior.Mixture;

    private sealed class PlainBets(int[] shapes, int labels, double delta)
    {
        private static readonly double[] s_logFactorials = LogFactorials(201_000);
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
                var favourite = _leader < 0 && labels == 2 ? 1 - rival : _leader;
                if (favourite < 0 || rival == _leader || _out[rival])
                {
                    continue;
                }

                var (a, b) = (_counts[favourite], _counts[rival]);
                var gain = Math.Exp(LogEvidence(shapes, a + 1, b) - LogEvidence(shapes, a, b));
                _wealth[rival] *= label == favourite ? gain : label == rival ? 2 - gain : 1;
                _out[rival] = _wealth[rival] >= (1 + 1e-6) / delta;
            }

            _counts[label]++;
            _leader = _leader < 0 || _counts[label] > _counts[_leader] ? label : _leader;
            var left = Enumerable.Range(0, labels).Where(rival => !_out[rival]).ToList();
            Mode = left.Count == 1 ? left[0] : left.Count == 0 ? _leader : null;
        }

        /// <summary>Mean of 2^(n+1) B(a+c,b+c)/B(c,c) P(Bin(n+2c-1, 1/2) is at most a+c-1) over the shapes c.</summary>
        public static double LogEvidence(int[] shapes, long a, long b)
        {
            var logs = shapes.Select(c => ((a + b + 1) * Math.Log(2)) + LogBeta(a + c, b + c) - LogBeta(c, c) + LogCumulativeHalf(a + b + (2 * c) - 1, a + c - 1)).ToArray();
            return logs.Max() + Math.Log(logs.Average(log => Math.Exp(log - logs.Max())));
        }

        private static double[] LogFactorials(int count)
        {
            var logs = new double[count];
            for (var n = 2; n < count; n++)
            {
                logs[n] = logs[n - 1] + Math.Log(n);
            }

            return logs;
        }

        private static double LogBeta(long x, long y) => s_logFactorials[x - 1] + s_logFactorials[y - 1] - s_logFactorials[x + y - 1];

        private static double LogCumulativeHalf(long n, long most)
        {
            // From the largest term downwards; the terms left out are below 1e-18 of it.
            var (sum, top) = (0.0, Math.Min(most, n / 2));
            var scale = s_logFactorials[n] - s_logFactorials[top] - s_logFactorials[n - top];
            for (var (i, term) = (top, 1.0); i >= 0 && term > 1e-18; term *= i / (double)(n - i + 1), i--)
            {
                sum += term;
            }

            for (var (i, term) = (top, 1.0); i < most && term > 1e-18; i++)
            {
                term *= (n - i) / (double)(i + 1);
                sum += term;
            }

            return scale + Math.Log(sum) - (n * Math.Log(2));
        }
    }
}
