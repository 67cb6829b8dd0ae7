using CsCheck;
using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Scale;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests.Scale;

public sealed class ModeEstimatorStoreTests
{
    private static readonly string[] Rules = [LabelRules.Ppr, LabelRules.OneSided, LabelRules.KullbackLeibler, LabelRules.BernsteinPairs, LabelRules.OneSidedRank, LabelRules.LeaderBettingPooled];

    /// <summary>Streams of few keys: some decided at once, some tied for long, some with more labels than a block has room for.</summary>
    private static Gen<(ulong Key, int Label)[]> Streams(int labels) =>
        Gen.Select(Gen.ULong[0, 5], Gen.Int[0, 3]).SelectMany((key, kind) => kind switch
        {
            0 => Gen.Const((key, 1)),
            1 => Gen.Int[0, 1].Select(label => (key, label)),
            2 => Gen.Int[0, Math.Min(9, labels - 1)].Select(label => (key, label)),
            _ => Gen.Int[0, labels - 1].Select(label => (key, label)),
        }).Array[0, 600];

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Add_RandomStreams_DecidesAsAnEstimatorOfEachKeyDoes(int labels) =>
        Gen.Select(Streams(labels), Gen.Int[0, Rules.Length - 1].Select(at => Rules[at]), Gen.Int[0, 2].Select(at => new[] { 0.3, 0.05, 0.001 }[at])).Sample(
            (stream, rule, delta) =>
            {
                var store = new ModeEstimatorStore(labels, delta, rule);
                var alone = new Dictionary<ulong, ModeEstimator>();
                var late = 0;
                foreach (var (key, label) in stream)
                {
                    if (!alone.TryGetValue(key, out var estimator))
                    {
                        alone[key] = estimator = new ModeEstimator(labels, delta, rule);
                    }

                    late += estimator.Decided ? 1 : 0;
                    Assert.Equal(!estimator.Decided && estimator.Add(label), store.Add(key, label));
                }

                Assert.Equal((alone.Count, late), (store.Count, (int)store.Late));
                Assert.All(alone, pair => AssertSame(pair.Value, store.Find(pair.Key)!.Value));
                Assert.Null(store.Find(99));
            },
            iter: 100);

    [Theory]
    [InlineData(LabelRules.Ppr)]
    [InlineData(LabelRules.OneSidedRank)]
    [InlineData(LabelRules.LeaderBettingPooled)]
    public void Restore_InTheMiddle_GoesOnAsIfNothingHadBeen(string rule) =>
        Gen.Select(Streams(60), Gen.Double[0, 1]).Sample(
            (stream, share) =>
            {
                var (whole, first) = (new ModeEstimatorStore(60, 0.05, rule), new ModeEstimatorStore(60, 0.05, rule));
                var half = (int)(stream.Length * share);
                Add(whole, stream);
                Add(first, stream[..half]);

                using var restored = new BinaryReader(new MemoryStream(Saved(first)));
                var second = ModeEstimatorStore.Restore(restored);
                Assert.Equal(Saved(first), Saved(second));
                Add(second, stream[half..]);
                Assert.Equal(Saved(whole), Saved(second));
            },
            iter: 80);

    [Theory]
    [InlineData(LabelRules.Ppr)]
    [InlineData(LabelRules.OneSidedRank)]
    [InlineData(LabelRules.LeaderBettingPooled)]
    public void Add_CountAboveSixteenBits_GoesOn(string rule)
    {
        var store = new ModeEstimatorStore(2, 1e-9, rule);
        var alone = new ModeEstimator(2, 1e-9, rule);
        for (var n = 0; n < 140_000; n++)
        {
            Assert.Equal(alone.Add(n & 1), store.Add(7, n & 1));
        }

        Assert.Equal(1, store.LargeKeys);
        AssertSame(alone, store.Find(7)!.Value);
        for (var n = 0; !alone.Decided; n++)
        {
            Assert.Equal(alone.Add(1), store.Add(7, 1));
        }

        Assert.Equal(1, store.Find(7)!.Value.Mode);
    }

    [Fact]
    public void Add_ManyKeys_KeepsThemApart()
    {
        var store = new ModeEstimatorStore(3, 0.01, LabelRules.Ppr);
        for (var round = 0; round < 3; round++)
        {
            for (var key = 0UL; key < 50_000; key++)
            {
                store.Add(key << 20, (int)(key % 3));
            }
        }

        Assert.Equal(50_000, store.Count);
        for (var key = 0UL; key < 50_000; key++)
        {
            Assert.Equal(new StoredMode(3, (int)(key % 3), 3, 0, null), store.Find(key << 20));
        }
    }

    [Fact]
    public void Constructor_RuleThatCountsDoNotDecide_NamesOneThatTheyDo()
    {
        var error = Assert.Throws<ArgumentException>(() => new ModeEstimatorStore(3, 0.01, LabelRules.LeaderBetting));
        Assert.Contains(LabelRules.LeaderBettingPooled, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModeEstimatorStore(1, 0.01, LabelRules.Ppr));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModeEstimatorStore(3, 1, LabelRules.OneSidedRank));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModeEstimatorStore(3, 0.1, LabelRules.Ppr).Add(1, 3));
    }

    [Fact]
    public void Restore_AnotherVersion_SaysSo()
    {
        var state = Saved(new ModeEstimatorStore(3, 0.01, LabelRules.Ppr));
        state[0] = 9;
        using var reader = new BinaryReader(new MemoryStream(state));
        Assert.Contains("version 9", Assert.Throws<InvalidDataException>(() => ModeEstimatorStore.Restore(reader)).Message, StringComparison.Ordinal);
    }

    private static void Add(ModeEstimatorStore store, (ulong Key, int Label)[] stream)
    {
        foreach (var (key, label) in stream)
        {
            store.Add(key, label);
        }
    }

    private static byte[] Saved(ModeEstimatorStore store)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        store.Save(writer);
        return stream.ToArray();
    }

    private static void AssertSame(ModeEstimator expected, StoredMode actual) =>
        Assert.Equal(new StoredMode(expected.Counted, expected.Leader, expected.LeaderCount, expected.RunnerUpCount, expected.Mode), actual);
}
