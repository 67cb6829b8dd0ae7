using CsCheck;

namespace Streams.Schemas.Tests;

public sealed class EventTimeTests
{
    [Fact]
    public void Microseconds_ThereAndBack_AreEqual() =>
        Gen.Long[-62_135_596_800_000_000, 253_402_300_799_999_999].Sample(microseconds =>
            Assert.Equal(microseconds, EventTime.ToMicroseconds(EventTime.FromMicroseconds(microseconds))));

    [Fact]
    public void ToMicroseconds_OfAnyOffset_IsOfTheSameInstant() =>
        Assert.Equal(
            EventTime.ToMicroseconds(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)),
            EventTime.ToMicroseconds(new DateTimeOffset(2026, 1, 31, 17, 30, 0, TimeSpan.FromHours(5.5))));

    [Fact]
    public void FromMicroseconds_Zero_IsTheEpochInUtc()
    {
        Assert.Equal(DateTimeOffset.UnixEpoch, EventTime.FromMicroseconds(0));
        Assert.Equal(TimeSpan.Zero, EventTime.FromMicroseconds(0).Offset);
    }
}
