using CsCheck;
using Streams.Schemas.Processing;

namespace Streams.GraphFilter.Tests.Streaming;

public sealed class InvarianceTests
{
    /// <summary>However records are cut into calls, and wherever the state is saved and restored, the results and the state are the same bytes.</summary>
    [Fact]
    public void ApplyAsync_AnyCallsAndRestarts_GiveTheSameBytes() =>
        Gen.Select(Gen.Int[2, 7], Gen.Int[1, 4], Gen.Int[0, 1_000_000]).Sample(
            (sensors, rowsEach, seed) =>
            {
                var random = new Random(seed);
                var records = Feed.Records(Feed.Drifting(70, sensors, 0.3 * random.NextDouble(), seed), Feed.Names(sensors), rowsEach);
                var whole = Feed.Processor();
                var expected = whole.Apply(records);

                var parts = Feed.Processor();
                var results = new List<ResultDraft>();
                for (var from = 0; from < records.Count;)
                {
                    var to = Math.Min(records.Count, from + random.Next(1, 12));
                    results.AddRange(parts.Apply(records[from..to]).Results);
                    from = to;
                    if (random.Next(2) == 0)
                    {
                        var saved = parts.SaveState();
                        parts = Feed.Processor(state: saved);
                        Assert.Equal(saved, parts.SaveState());
                    }
                }

                Assert.Equal(expected.Results.Count, results.Count);
                Assert.All(expected.Results.Zip(results), pair =>
                {
                    Assert.Equal((pair.First.Offset, pair.First.Topic, pair.First.Time), (pair.Second.Offset, pair.Second.Topic, pair.Second.Time));
                    Assert.Equal(pair.First.Data, pair.Second.Data);
                });
                Assert.Equal(whole.SaveState(), parts.SaveState());
            },
            iter: 30);

    /// <summary>Filling a gap uses nothing that comes later.</summary>
    [Fact]
    public void ApplyAsync_LaterRows_DoNotChangeWhatWasFilled()
    {
        var records = Feed.Records(Feed.Drifting(60, 5, 0.2, 3), Feed.Names(5));
        var other = Feed.Records(Feed.Drifting(60, 5, 0.2, 4), Feed.Names(5));
        var one = Feed.Processor().Apply([.. records[..40], .. records[40..]]);
        var two = Feed.Processor().Apply([.. records[..40], .. other[40..]]);
        Assert.Equal(
            one.Results.Where(draft => draft.Offset < 40).Select(draft => draft.Data),
            two.Results.Where(draft => draft.Offset < 40).Select(draft => draft.Data));
    }
}
