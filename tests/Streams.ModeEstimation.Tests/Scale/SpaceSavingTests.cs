using CsCheck;
using Streams.Processors.ModeEstimation.Scale;

namespace Streams.ModeEstimation.Tests.Scale;

public sealed class SpaceSavingTests
{
    [Fact]
    public void Add_AnyLabels_BoundsHoldTheTrueCounts() =>
        Gen.Select(Gen.Int[2, 12], Gen.Int[0, 40].Array[0, 400]).Sample(
            (capacity, labels) =>
            {
                var sketch = new SpaceSaving<int>(capacity);
                var exact = new Dictionary<int, long>();
                foreach (var label in labels)
                {
                    sketch.Add(label);
                    exact[label] = exact.GetValueOrDefault(label) + 1;
                }

                Assert.Equal(labels.Length, sketch.Total);
                Assert.InRange(sketch.Labels, 0, capacity);
                foreach (var (label, count) in exact)
                {
                    var (atLeast, atMost) = sketch.CountOf(label);
                    Assert.InRange(count, atLeast, atMost);
                    // A label with more than its share is never forgotten.
                    Assert.True(count <= labels.Length / capacity || atLeast > 0);
                    Assert.True(exact.Where(pair => pair.Key != label).All(pair => pair.Value <= sketch.RivalAtMost(label)));
                    Assert.Equal(atLeast > 0, sketch.RankOf(label) > 0);
                }

                if (labels.Length > 0)
                {
                    var (leader, leaderAtLeast, rivalAtMost) = sketch.Bounds();
                    Assert.True(leaderAtLeast <= exact.GetValueOrDefault(leader));
                    Assert.True(exact.Where(pair => pair.Key != leader).All(pair => pair.Value <= rivalAtMost));
                }
            },
            iter: 2_000);

    [Fact]
    public void Add_FewerLabelsThanCounters_CountsExactly()
    {
        var sketch = new SpaceSaving<string>(4);
        foreach (var label in "abacabad")
        {
            sketch.Add($"{label}");
        }

        Assert.Equal((4, 4), sketch.CountOf("a"));
        Assert.Equal((0, 0), sketch.CountOf("z"));
        Assert.Equal(("a", 4L, 2L), sketch.Bounds());
    }

    [Fact]
    public void RankOf_LabelThatLostItsCounter_IsThatOfTheNewOne()
    {
        var sketch = new SpaceSaving<string>(2);
        foreach (var label in "aabcb")
        {
            sketch.Add($"{label}");
        }

        // Counters: a first, b second, c third in the place of b, b fourth in the place of c or of a, which are level.
        Assert.Equal(4, sketch.RankOf("b"));
        Assert.Equal(0, sketch.RankOf("z"));
    }

    [Fact]
    public void Add_FrequentLabelAmongMillionsOfRareOnes_KeepsItsCounter()
    {
        var sketch = new SpaceSaving<int>(100);
        for (var n = 0; n < 100_000; n++)
        {
            sketch.Add(n % 20 == 0 ? -1 : n);
        }

        var (leader, atLeast, atMostOther) = sketch.Bounds();
        Assert.Equal(-1, leader);
        Assert.InRange(atLeast, 5_000 - 1_000, 5_000);
        Assert.True(atMostOther <= 100_000 / 100);
        Assert.True(atLeast > atMostOther);
    }
}
