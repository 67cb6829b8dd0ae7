using CsCheck;
using Streams.Processors.ModeEstimation.Scale;

namespace Streams.ModeEstimation.Tests.Scale;

public sealed class CountBlocksTests
{
    private const int Keys = 6;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Append_BlocksThatGrowAndAreLeft_KeepTheirOwn(bool hasWealth) =>
        Gen.Select(Gen.Int[0, Keys - 1], Gen.Int[0, 40]).Array[0, 400].Sample(steps =>
        {
            var blocks = new CountBlocks(hasWealth);
            var (places, expected) = (new CountBlock[Keys], Enumerable.Range(0, Keys).Select(_ => new List<(ushort, ushort, double)>()).ToArray());
            for (var step = 0; step < steps.Length; step++)
            {
                var (key, choice) = steps[step];
                if (choice == 0 || expected[key].Count == CountBlocks.MostLabels)
                {
                    blocks.Release(ref places[key]);
                    expected[key].Clear();
                }
                else
                {
                    // Labels and counts up to the largest there are, so that a link that is written over one shows.
                    var (label, count) = ((ushort)(ushort.MaxValue - step), (ushort)(step * 163));
                    blocks.Append(ref places[key], new LabelCount(label, count), step);
                    expected[key].Add((label, count, step));
                }
            }

            for (var key = 0; key < Keys; key++)
            {
                var counts = blocks.Of(places[key]).ToArray();
                Assert.Equal(expected[key].Select(item => (item.Item1, item.Item2)), counts.Select(count => (count.Label, count.Occurrences)));
                Assert.Equal(hasWealth ? expected[key].Select(item => item.Item3) : [], blocks.WealthOf(places[key]).ToArray());
            }
        });

    [Fact]
    public void Append_AfterBlocksWereLeft_TakesThem()
    {
        var blocks = new CountBlocks(hasWealth: false);
        var places = new CountBlock[100];
        foreach (ref var place in places.AsSpan())
        {
            Fill(ref place, 3);
        }

        // Each began with room for two, in the block that the one before had left.
        Assert.Equal(Enumerable.Range(0, 100).Select(n => (1, 4 * n)), places.Select(place => (place.Room, place.Place)));

        blocks.Release(ref places[10]);
        blocks.Release(ref places[70]);
        Fill(ref places[70], 3);
        Fill(ref places[10], 4);
        Assert.Equal((280, 40), (places[70].Place, places[10].Place));

        void Fill(ref CountBlock block, int labels)
        {
            for (var label = 0; label < labels; label++)
            {
                blocks.Append(ref block, new LabelCount((ushort)label, 1));
            }
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(8, 2)]
    [InlineData(9, 3)]
    [InlineData(16, 3)]
    [InlineData(17, 4)]
    [InlineData(32, 4)]
    public void Room_OfABlock_IsTheSmallestThatHoldsItsLabels(byte labels, int room) => Assert.Equal(room, new CountBlock { Labels = labels }.Room);
}
