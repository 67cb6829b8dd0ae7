using System.Text;
using CsCheck;
using Streams.Schemas.Envelope;

namespace Streams.Schemas.Tests.Envelope;

public sealed class EventEnvelopeTests
{
    private static readonly EventEnvelope Full = new(
        "live/video.frames/2/41/0",
        "/cameras/gate",
        EventTypes.VideoFrame,
        new DateTimeOffset(2026, 1, 31, 12, 0, 0, 250, TimeSpan.Zero),
        "gate",
        "image/jpeg",
        "https://example.org/frame.json",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    private static readonly string[] Mutable = [Headers.SpecVersion, Headers.Id, Headers.Source, Headers.Type, Headers.Time, Headers.Subject];

    private static readonly Gen<string> Texts = Gen.String[Gen.Char['!', '￮'].Where(c => !char.IsSurrogate(c)), 1, 40];

    private static readonly Gen<EventEnvelope> Envelopes =
        from id in Texts
        from camera in Gen.String[Gen.Char.AlphaNumeric, 1, 20]
        from type in Texts
        from time in Gen.Long[-62_135_596_800_000_000, 253_402_300_799_999_999]
        from subject in Texts.Null()
        from contentType in Texts.Null()
        from dataSchema in Texts.Null()
        from traceParent in Texts.Null()
        select new EventEnvelope(id, "/cameras/" + camera, type, EventTime.FromMicroseconds(time), subject, contentType, dataSchema, traceParent);

    [Fact]
    public void FromHeaders_OfToHeaders_GivesTheEnvelopeBack() =>
        Envelopes.Sample(envelope => Assert.Equal(envelope, Read(envelope.ToHeaders())));

    [Fact]
    public void ToHeaders_Full_AreTheHeadersOfTheKafkaBinding() =>
        Assert.Equal(
            [
                "ce_specversion: 1.0",
                "ce_id: live/video.frames/2/41/0",
                "ce_source: /cameras/gate",
                "ce_type: streams.video.frame.v1",
                "ce_time: 2026-01-31T12:00:00.250000Z",
                "ce_subject: gate",
                "content-type: image/jpeg",
                "ce_dataschema: https://example.org/frame.json",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ],
            Full.ToHeaders().Select(header => $"{header.Key}: {Encoding.UTF8.GetString(header.Value)}"));

    [Fact]
    public void ToHeaders_WithoutOptionalAttributes_LeavesThemOut() =>
        Assert.Equal(
            ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
            new EventEnvelope("1", "/a", EventTypes.LabelSample, DateTimeOffset.UnixEpoch).ToHeaders().Select(header => header.Key));

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.0000000")]
    [InlineData("2026-01-31t12:00:00z", "2026-01-31T12:00:00.0000000")]
    [InlineData("2026-01-31T12:00:00.5+05:30", "2026-01-31T06:30:00.5000000")]
    [InlineData("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.1234568")]
    [InlineData("2026-01-31T12:00:00", "2026-01-31T12:00:00.0000000")]
    public void FromHeaders_Rfc3339Time_IsThatInstantInUtc(string text, string expected)
    {
        var time = Read(With(Headers.Time, Encoding.UTF8.GetBytes(text))).Time;

        Assert.Equal(expected, time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Theory]
    [InlineData(Headers.SpecVersion)]
    [InlineData(Headers.Id)]
    [InlineData(Headers.Source)]
    [InlineData(Headers.Type)]
    [InlineData(Headers.Time)]
    public void FromHeaders_RequiredAttributeMissingOrEmpty_NamesIt(string name)
    {
        Assert.Equal(name, Refused(With(name, null)).Field);
        Assert.Equal(name, Refused(With(name, [])).Field);
    }

    [Theory]
    [InlineData(Headers.SpecVersion, "0.3", "write 1.0")]
    [InlineData(Headers.SpecVersion, "1.1", "write 1.0")]
    [InlineData(Headers.SpecVersion, "one", "'one'")]
    [InlineData(Headers.Source, "not a uri", "URI reference")]
    [InlineData(Headers.Source, "http://[", "URI reference")]
    [InlineData(Headers.Time, "yesterday", "RFC 3339")]
    [InlineData(Headers.Time, "2026-02-30T12:00:00Z", "RFC 3339")]
    // Half a time would be filled up from the wall clock: another instant on every replay.
    [InlineData(Headers.Time, "12:00", "RFC 3339")]
    [InlineData(Headers.Time, "31 Jan 2026", "RFC 3339")]
    [InlineData(Headers.Time, "2026-01-31", "RFC 3339")]
    [InlineData(Headers.Time, "1769860800", "RFC 3339")]
    public void FromHeaders_Malformed_NamesTheHeaderAndTheRemedy(string name, string value, string expected)
    {
        var error = Refused(With(name, Encoding.UTF8.GetBytes(value)));

        Assert.Equal(name, error.Field);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Headers.Id)]
    [InlineData(Headers.Source)]
    [InlineData(Headers.Type)]
    [InlineData(Headers.Time)]
    [InlineData(Headers.Subject)]
    [InlineData(Headers.ContentType)]
    [InlineData(Headers.DataSchema)]
    [InlineData(Headers.TraceParent)]
    public void FromHeaders_NotUtf8_NamesTheHeader(string name)
    {
        var error = Refused(With(name, [0x61, 0xff, 0xfe]));

        Assert.Equal(name, error.Field);
        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromHeaders_LongValue_IsShownCut() =>
        Assert.True(Refused(With(Headers.Time, Encoding.UTF8.GetBytes(new string('x', 100_000)))).Message.Length < 256);

    [Fact]
    public void FromHeaders_AnyBytes_AreReadOrRefusedByFormat() =>
        (from name in Gen.Int[0, Mutable.Length - 1].Select(i => Mutable[i])
         from bytes in Gen.Byte.Array[0, 32]
         select (name, bytes)).Sample(wrong =>
         {
             try
             {
                 Assert.NotNull(Read(With(wrong.name, wrong.bytes)));
             }
             catch (RecordFormatException e)
             {
                 Assert.Equal(wrong.name, e.Field);
             }
         });

    [Fact]
    public void DecodeKey_Utf8_IsTheText() => Assert.Equal("Größe", EventEnvelope.DecodeKey(Encoding.UTF8.GetBytes("Größe")));

    [Theory]
    [InlineData(null, "is empty")]
    [InlineData(new byte[0], "is empty")]
    [InlineData(new byte[] { 0x67, 0xff }, "is not UTF-8 (67FF)")]
    public void DecodeKey_Unusable_SaysWhy(byte[]? key, string expected) =>
        Assert.Contains(expected, Assert.Throws<RecordFormatException>(() => EventEnvelope.DecodeKey(key)).Message, StringComparison.Ordinal);

    [Fact]
    public void DecodeKey_LongerThanTheLimit_SaysLengthAndLimit()
    {
        Assert.Equal(512, EventEnvelope.DecodeKey(Encoding.UTF8.GetBytes(new string('k', 512))).Length);
        Assert.Contains(
            "513 bytes; at most 512",
            Assert.Throws<RecordFormatException>(() => EventEnvelope.DecodeKey(new byte[513])).Message,
            StringComparison.Ordinal);
    }

    private static RecordFormatException Refused(IEnumerable<KeyValuePair<string, byte[]>> headers) =>
        Assert.Throws<RecordFormatException>(() => Read(headers));

    private static EventEnvelope Read(IEnumerable<KeyValuePair<string, byte[]>> headers)
    {
        var byName = headers.ToDictionary();
        return EventEnvelope.FromHeaders(byName.GetValueOrDefault);
    }

    private static Dictionary<string, byte[]> With(string name, byte[]? value)
    {
        var headers = Full.ToHeaders().ToDictionary();
        headers.Remove(name);
        if (value is not null)
        {
            headers[name] = value;
        }

        return headers;
    }
}
