using System.Text;
using CsCheck;
using Streams.Schemas.Envelope;

namespace Streams.Schemas.Tests.Envelope;

public sealed class DeadLetterTests
{
    private static readonly DateTimeOffset Published = new(2026, 1, 31, 12, 0, 0, 250, TimeSpan.Zero);

    private static readonly DeadLetter Example = new(
        "live", "video.frames", 3, 41, Published, "RecordFormatException", "frame: the JPEG does not decode – é", 5, Published.AddSeconds(7), new("video.frames", 3, 17));

    [Fact]
    public void FromHeaders_OfToHeaders_GivesTheDeadLetterBack() =>
        (from run in Gen.String.AlphaNumeric
         from topic in Gen.Int[0, Topics.Sources.Count - 1].Select(i => Topics.Sources[i])
         from partition in Gen.Int[0, int.MaxValue]
         from offset in Gen.Long[0, long.MaxValue]
         from milliseconds in Gen.Long[-62_135_596_800_000, 253_402_300_799_999]
         from attempts in Gen.Int[1, int.MaxValue]
         from reason in Gen.String[Gen.Char[' ', '￮'].Where(c => !char.IsSurrogate(c)), 0, 200]
         let time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
         select new DeadLetter(
             run, topic, partition, offset, time, "Exception", reason, attempts,
             offset % 2 == 0 ? time : null,
             offset % 3 == 0 ? new RecordOrigin(topic, partition, offset / 2) : null))
        .Sample(letter => Assert.Equal(letter, Read(letter.ToHeaders())));

    [Theory]
    [InlineData("r")]
    [InlineData("é")]
    [InlineData("雪")]
    [InlineData("𝄞")]
    [InlineData("a雪𝄞é")]
    public void ToHeaders_LongReason_IsCutAt8KilobytesBetweenTwoCharacters(string part)
    {
        // The cut falls on every byte of a character in turn.
        for (var shift = 0; shift < 5; shift++)
        {
            var reason = new string('x', shift) + string.Concat(Enumerable.Repeat(part, DeadLetter.MaxReasonBytes));
            var bytes = (Example with { Reason = reason }).ToHeaders().Single(header => header.Key == Headers.Reason).Value;

            Assert.InRange(bytes.Length, DeadLetter.MaxReasonBytes - 3, DeadLetter.MaxReasonBytes);
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            Assert.StartsWith(text, reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ToHeaders_ReasonOfExactlyTheLimit_IsKeptWhole()
    {
        var reason = new string('é', DeadLetter.MaxReasonBytes / 2);

        Assert.Equal(reason, Read((Example with { Reason = reason }).ToHeaders())?.Reason);
    }

    [Fact]
    public void ToHeaders_Names_AreOfOneFamily() =>
        Assert.All(Example.ToHeaders().Concat(Marker.ToHeaders()), header => Assert.StartsWith("dlt-", header.Key, StringComparison.Ordinal));

    [Fact]
    public void Golden_V2_IsWhatIsWrittenAndRead()
    {
        Assert.Equal(Golden("deadletter-v2.txt"), Lines(Example.ToHeaders()));
        Assert.Equal(Example, Read(GoldenHeaders("deadletter-v2.txt")));
    }

    [Fact]
    public void Golden_V1_WithoutAttemptsTimeAndFirstOrigin_IsStillRead() =>
        Assert.Equal(Example with { Attempts = 1, Time = null, FirstOrigin = null }, Read(GoldenHeaders("deadletter-v1.txt")));

    [Fact]
    public void Golden_Marker_IsWhatIsWrittenAndRead()
    {
        Assert.Equal(Golden("deadletter-marker-v1.txt"), Lines(Marker.ToHeaders()));
        Assert.Equal(Marker, DeadLetterMarker.FromHeaders(GoldenHeaders("deadletter-marker-v1.txt").ToDictionary().GetValueOrDefault));
    }

    [Fact]
    public void FromHeaders_OfTheOtherKind_IsNull()
    {
        Assert.Null(Read(Marker.ToHeaders()));
        Assert.Null(DeadLetterMarker.FromHeaders(Example.ToHeaders().ToDictionary().GetValueOrDefault));
    }

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

    [Theory]
    [InlineData(Headers.Attempts, "many")]
    [InlineData(Headers.DeadLetterTime, "noon")]
    [InlineData(Headers.FirstOrigin, "video.frames/3")]
    public void FromHeaders_UnusableExtra_IsReadAsIfItWereNotThere(string name, string value)
    {
        var headers = Example.ToHeaders().ToDictionary();
        headers[name] = Encoding.UTF8.GetBytes(value);

        Assert.Equal(Example.Origin, Read(headers)?.Origin);
    }

    [Theory]
    [InlineData("label.samples/2/17", true)]
    [InlineData("t/0/0", true)]
    [InlineData("/0/0", false)]
    [InlineData("t/-1/0", false)]
    [InlineData("t/0", false)]
    [InlineData("t/0/0/0", false)]
    [InlineData("t/0/9223372036854775808", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Origin_Text_IsReadBackOrNull(string? text, bool isOrigin) =>
        Assert.Equal(isOrigin ? text : null, RecordOrigin.Parse(text)?.ToString());

    private static DeadLetterMarker Marker { get; } =
        new(DeadLetterMarker.Redriven, "live", new("label.samples", 2, 17), Published, Published.AddHours(1));

    private static string[] Golden(string name) => File.ReadAllLines(SourceTree.Path("tests", "Streams.Schemas.Tests", "Golden", name));

    private static Dictionary<string, byte[]> GoldenHeaders(string name) =>
        Golden(name).Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => Encoding.UTF8.GetBytes(parts[1]));

    private static IEnumerable<string> Lines(IEnumerable<KeyValuePair<string, byte[]>> headers) =>
        headers.Select(header => $"{header.Key}: {Encoding.UTF8.GetString(header.Value)}");

    private static DeadLetter? Read(IEnumerable<KeyValuePair<string, byte[]>> headers) => DeadLetter.FromHeaders(headers.ToDictionary().GetValueOrDefault);
}
