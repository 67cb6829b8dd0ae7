using Streams.Host.Pipeline;

namespace Streams.EndToEnd;

/// <summary>Lag as time, from where the end of a partition was.</summary>
public sealed class PartitionEndsTests
{
    [Fact]
    public void Since_RecordsNotDone_IsTheLastLookBeforeTheFirstOfThemCame()
    {
        var ends = new PartitionEnds(100);
        Assert.Null(ends.Since(0));
        ends.Look(at: 1, end: 10, next: 10);
        ends.Look(at: 2, end: 10, next: 10);
        ends.Look(at: 3, end: 30, next: 10);
        ends.Look(at: 4, end: 50, next: 10);

        Assert.Equal(2, ends.Since(10));
        Assert.Equal(2, ends.Since(29));
        Assert.Equal(3, ends.Since(30));
        Assert.Equal(4, ends.Since(50));
    }

    [Fact]
    public void Since_RecordsThatWereThereAtTheFirstLook_IsThatLook()
    {
        var ends = new PartitionEnds(100);
        ends.Look(at: 5, end: 1_000, next: 0);
        ends.Look(at: 6, end: 1_000, next: 400);
        Assert.Equal(5, ends.Since(400));
    }

    [Fact]
    public void Look_ManyTimes_KeepsNoMoreThanIsNeeded()
    {
        var ends = new PartitionEnds(3);
        for (var at = 0; at < 10; at++)
        {
            ends.Look(at, end: 100 + at, next: 0);
        }

        // Longer than what is kept: told as the oldest.
        Assert.Equal(7, ends.Since(0));
        ends.Look(at: 10, end: 110, next: 109);
        Assert.Equal(9, ends.Since(109));
    }
}
