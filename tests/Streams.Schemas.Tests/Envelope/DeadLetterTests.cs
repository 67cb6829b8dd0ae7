using System.Text;
using CsCheck;
using Streams.Schemas.Envelope;

namespace Streams.Schemas.Tests.Envelope;

public sealed class DeadLetterTests
{
    private static readonly DeadLetter Example = new(
        "live", "video.frames", 3, 41, new DateTimeOffset(2026, 1, 31, 12, 0, 0, 250, TimeSpan.Zero), "RecordFormatException", "frame: the JPEG does not decode");

    [Fact]
    public void FromHeaders_OfToHeaders_GivesTheDeadLetterBack() =>
        (from run in Gen.String.AlphaNumeric
         from topic in Gen.Int[0, Topics.Sources.Count - 1].Select(i => Topics.Sources[i])
         from partition in Gen.Int[0, int.MaxValue]
         from offset in Gen.Long[0, long.MaxValue]
         from milliseconds in Gen.Long[-62_135_596_800_000, 253_402_300_799_999]
         from reason in Gen.String[Gen.Char[' ', '￮'].Where(c => !char.IsSurrogate(c)), 0, 200]
         select new DeadLetter(run, topic, partition, offset, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), "Exception", reason))
        .Sample(letter => Assert.Equal(letter, Read(letter.ToHeaders())));

    [Fact]
    public void ToHeaders_LongReason_IsCutAtTheLimit()
    {
        var read = Read((Example with { Reason = new string('r', DeadLetter.MaxReasonLength + 1) }).ToHeaders());

        Assert.Equal(new string('r', DeadLetter.MaxReasonLength), read?.Reason);
    }

    [Fact]
    public void ToHeaders_Names_AreOfOneFamily() =>
        Assert.All(Example.ToHeaders(), header => Assert.StartsWith("dlt-", header.Key, StringComparison.Ordinal));

    [Theory]
    [InlineData(Headers.OriginPartition, null)]
    [InlineData(Headers.OriginPartition, "-1")]
    [InlineData(Headers.OriginPartition, "4294967296")]
    [InlineData(Headers.OriginOffset, null)]
    [InlineData(Headers.OriginOffset, "x")]
    [InlineData(Headers.OriginTimestamp, null)]
    [InlineData(Headers.OriginTimestamp, "noon")]
    [InlineData(Headers.OriginTimestamp, "9223372036854775807")]
    [InlineData(Headers.OriginTimestamp, "-9223372036854775808")]
    public void FromHeaders_WithoutAUsableOrigin_IsNull(string name, string? value)
    {
        var headers = Example.ToHeaders().ToDictionary();
        headers.Remove(name);
        if (value is not null)
        {
            headers[name] = Encoding.UTF8.GetBytes(value);
        }

        Assert.NotNull(Read(Example.ToHeaders()));
        Assert.Null(Read(headers));
    }

    private static DeadLetter? Read(IEnumerable<KeyValuePair<string, byte[]>> headers) => DeadLetter.FromHeaders(headers.ToDictionary().GetValueOrDefault);
}
