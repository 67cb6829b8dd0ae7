using System.Text;
using Confluent.Kafka;
using Streams.Ingest.DeadLetters;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.DeadLetters;

public sealed class DeadLetterFilterTests
{
    private static readonly DateTimeOffset Published = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<DeadLetterFilter, bool> Filters { get; } = new()
    {
        { new(), true },
        { new() { Key = "gäte" }, true },
        { new() { Key = "gate" }, false },
        { new() { Exception = "recordformatexception" }, true },
        { new() { Exception = "Record" }, false },
        { new() { Reason = "jpeg DOES not" }, true },
        { new() { Reason = "PNG" }, false },
        { new() { From = Published, To = Published.AddMilliseconds(1) }, true },
        { new() { From = Published.AddMilliseconds(1) }, false },
        { new() { To = Published }, false },
        { new() { Partition = 3, Offset = 41 }, true },
        { new() { Partition = 4 }, false },
        { new() { Offset = 40 }, false },
        { new() { Status = DeadLetterStatus.Pending }, true },
        { new() { Status = DeadLetterStatus.Purged }, false },
        { new() { Key = "gäte", Exception = "RecordFormatException", Reason = "JPEG", Partition = 3, Status = DeadLetterStatus.Redriven }, false },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Matches_ALetter_WhenEveryConditionHolds(DeadLetterFilter filter, bool isMeant)
    {
        var letter = new DeadLetter("live", "video.frames", 3, 41, Published, "RecordFormatException", "frame: the JPEG does not decode");
        var entry = new DeadLetterEntry(letter, Encoding.UTF8.GetBytes("gäte"), 5, null, new TopicPartitionOffset("video.frames.dlt", 0, 7));

        Assert.Equal(isMeant, filter.Matches(entry));
    }

    [Fact]
    public void Matches_RecordWithoutAKey_WhenNoKeyIsAsked()
    {
        var letter = new DeadLetter("live", "video.frames", 3, 41, Published, "E", "r");
        var entry = new DeadLetterEntry(letter, null, null, null, new TopicPartitionOffset("video.frames.dlt", 0, 7));

        Assert.True(new DeadLetterFilter().Matches(entry));
        Assert.False(new DeadLetterFilter { Key = "" }.Matches(entry));
    }
}
