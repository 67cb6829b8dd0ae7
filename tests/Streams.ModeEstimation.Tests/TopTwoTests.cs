using CsCheck;
using Streams.Processors.ModeEstimation;

namespace Streams.ModeEstimation.Tests;

public sealed class TopTwoTests
{
    [Fact]
    public void Add_AnyStream_KeepsTheTwoLargestCountsOfABruteForceCount() =>
        Gen.Int[1, 6].SelectMany(labels => Gen.Int[0, labels].Array[0, 60]).Sample(stream =>
        {
            var top = new TopTwo();
            var counts = new long[7];
            foreach (var label in stream)
            {
                top.Add(label);
                counts[label]++;
                var sorted = counts.OrderDescending().ToArray();
                Assert.Equal(sorted[0], top.First);
                Assert.Equal(sorted[1], top.Second);
                Assert.Equal(sorted[0], counts[top.Leader]);
                Assert.Equal(counts.Sum(), top.Total);
            }

            var restored = TopTwo.Restore(top.Counts, top.Leader);
            Assert.Equal((top.Total, top.Leader, top.First, top.Second), (restored.Total, restored.Leader, restored.First, restored.Second));
            Assert.Equal(top.Counts, restored.Counts);
        });
}
