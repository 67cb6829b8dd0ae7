using System.Text;
using Confluent.Kafka;
using CsCheck;
using Streams.Ingest.Decoding;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Tests.Decoding;

public sealed class RecordDecoderTests
{
    private static readonly DateTimeOffset EventTime = new(2026, 1, 30, 8, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Sample = """{"task":"k","sample":"1","label":"cat"}"""u8.ToArray();
    private static readonly LabelSampleDecoder Labels = new();
    private static readonly SensorSignalDecoder Sensors = new();
    private static readonly VideoFrameDecoder Video = new();

    public static TheoryData<string, Func<ConsumeResult<byte[]?, byte[]?>>, string, string> BadRecords => new()
    {
        { "label without a task", () => Label("""{"sample":"1","label":"cat"}"""u8.ToArray()), "data.task", "missing" },
        { "label of another task", () => Label("""{"task":"other","sample":"1","label":"cat"}"""u8.ToArray()), "data.task", "key" },
        { "label that is no JSON", () => Label("cat"u8.ToArray()), "data", "not JSON" },
        { "label empty", () => Label([]), "value", "empty" },
        { "label null", () => Label(null), "value", "empty" },
        { "label of a far version", () => Label(Sample, "streams.label.sample.v9"), "ce_type", "v9" },
        { "label on the sensors' type", () => Label(Sample, EventTypes.SensorSignal), "ce_type", "sensor" },
        { "label without an id", () => Without(Label(Sample), "ce_id"), "ce_id", "missing" },
        { "label without a source", () => Without(Label(Sample), "ce_source"), "ce_source", "missing" },
        { "label without a type", () => Without(Label(Sample), "ce_type"), "ce_type", "missing" },
        { "label without a time", () => Without(Label(Sample), "ce_time"), "ce_time", "missing" },
        { "label with a bad time", () => With(Label(Sample), "ce_time", "yesterday"), "ce_time", "yesterday" },
        { "Arrow cut in the middle", () => Signal(Arrow()[..^200]), "arrow", "" },
        { "Arrow that is noise", () => Signal([1, 2, 3, 4, 5, 6, 7, 8]), "arrow", "" },
        { "Arrow of schema version 99", () => Signal(Replace(Arrow(), "schema_version", "1", "9")), "schema_version", "'9'" },
        { "Arrow of another network", () => Signal(SignalCodec.Encode(Inputs.Signals("other"))), "network", "other" },
        { "Arrow empty", () => Signal([]), "value", "empty" },
        { "Arrow too large", () => Signal(new byte[(16 * 1024 * 1024) + 100_000]), "value", "at most 16777216" },
        { "JPEG cut in the middle", () => Frame(Inputs.Jpeg(200, 100)[..^300]), "value", "damaged JPEG" },
        { "JPEG that is noise", () => Frame([1, 2, 3, 4]), "value", "not a JPEG" },
        { "PNG", () => Frame(Inputs.Png()), "value", "Png" },
        { "JPEG empty", () => Frame([]), "value", "empty" },
        { "JPEG too large", () => Frame(new byte[(16 * 1024 * 1024) + 100_000]), "value", "at most 16777216" },
        { "JPEG of too many pixels", () => Frame(Claim(Inputs.Jpeg(64, 64), 60_000, 60_000)), "value", "pixels" },
        { "JPEG of another width", () => Frame(Inputs.Jpeg(64, 32), ("width", "65")), "width", "65" },
        { "JPEG of another height", () => Frame(Inputs.Jpeg(64, 32), ("height", "33")), "height", "33" },
        { "JPEG of two frames", () => Frame(Inputs.Jpeg(64, 32), ("frame-count", "2")), "frame-count", "2" },
        { "frame with a bad width", () => Frame(Inputs.Jpeg(64, 32), ("width", "wide")), "width", "wide" },
        { "frame of an unknown codec", () => Frame(Inputs.Jpeg(64, 32), ("codec", "vp9")), "codec", "vp9" },
    };

    [Theory]
    [MemberData(nameof(BadRecords), DisableDiscoveryEnumeration = true)]
    public async Task DecodeAsync_BadRecord_NamesTheFieldAndTheValue(string what, Func<ConsumeResult<byte[]?, byte[]?>> make, string field, string hint)
    {
        var record = make();

        var error = await Assert.ThrowsAsync<RecordFormatException>(() => DecodeAsync(record));

        Assert.True(error.Field == field && error.Message.Contains(hint, StringComparison.Ordinal), $"{what}: {error.Message}");
    }

    [Fact]
    public async Task DecodeAsync_Label_KeepsTheJsonAndTheEventTime()
    {
        var input = await DecodeAsync(Label(Sample));

        Assert.Equal((EventTypes.LabelSample, EventTime, Records.Time, 7L), (input.EventType, input.EventTime, input.Published, input.Offset));
        Assert.Equal(Sample, input.Payload.ToArray());
    }

    [Fact]
    public async Task DecodeAsync_LabelOfTheNextVersion_IsTaken() =>
        Assert.Equal(EventTypes.LabelSample, (await DecodeAsync(Label(Sample, "streams.label.sample.v2"))).EventType);

    [Fact]
    public async Task DecodeAsync_PlainProducer_IsTakenWithKafkasTime()
    {
        var label = await Labels.DecodeAsync(Records.Raw(0, null, Sample, [], Topics.LabelSamples), "k", CancellationToken.None);
        Assert.Equal((EventTypes.LabelSample, Records.Time), (label.EventType, label.EventTime));

        var signal = await Sensors.DecodeAsync(Records.Raw(0, null, Arrow(), [], Topics.SensorSignals), "net", CancellationToken.None);
        Assert.Equal((EventTypes.SensorSignal, Records.Time), (signal.EventType, signal.EventTime));

        var frame = await Video.DecodeAsync(Records.Raw(0, null, Inputs.Jpeg(8, 8), [], Topics.VideoFrames), "gate", CancellationToken.None);
        Assert.Equal((EventTypes.VideoFrame, Records.Time), (frame.EventType, frame.EventTime));
    }

    [Fact]
    public async Task DecodeAsync_Signal_PassesTheBytesOn()
    {
        var input = await DecodeAsync(Signal(Arrow()));

        Assert.Equal(EventTypes.SensorSignal, input.EventType);
        Assert.Equal(Inputs.Signals().Values.ToArray(), SignalCodec.Decode(input.Payload, "net").Values.ToArray());
    }

    [Fact]
    public void DecodeAsync_AnyBytes_ThrowNothingButFormatErrors() =>
        Gen.Select(Gen.Int[0, 2], Gen.Byte.Array[0, 300], Gen.Int[0, 400], Gen.Byte).Sample(
            (kind, noise, at, flip) =>
            {
                // Pure noise, or a good record with one byte changed.
                var bytes = noise;
                if (noise.Length % 2 == 0)
                {
                    bytes = [.. kind switch { 0 => Sample, 1 => Arrow(), _ => SmallJpeg }];
                    bytes[at % bytes.Length] ^= flip;
                }

                var record = kind switch { 0 => Label(bytes), 1 => Signal(bytes), _ => Frame(bytes) };
                try
                {
                    var decoded = DecodeAsync(record);
                    Assert.True(decoded.IsCompleted);
                    decoded.GetAwaiter().GetResult();
                }
                catch (RecordFormatException)
                {
                }
            },
            iter: 10_000,
            threads: 1);

    private static readonly byte[] SmallJpeg = Inputs.Jpeg(16, 16);

    private static Task<Schemas.Processing.InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record)
    {
        IRecordDecoder decoder = record.Topic switch
        {
            Topics.LabelSamples => Labels,
            Topics.SensorSignals => Sensors,
            _ => Video,
        };
        return decoder.DecodeAsync(record, Encoding.UTF8.GetString(record.Message.Key!), CancellationToken.None).AsTask();
    }

    private static byte[] Arrow() => SignalCodec.Encode(Inputs.Signals());

    private static EventEnvelope Envelope(string type) => new("id-1", "/tests", type, EventTime);

    private static ConsumeResult<byte[]?, byte[]?> Label(byte[]? value, string type = EventTypes.LabelSample) =>
        Records.Event(Topics.LabelSamples, "k", Envelope(type), value);

    private static ConsumeResult<byte[]?, byte[]?> Signal(byte[]? value) =>
        Records.Event(Topics.SensorSignals, "net", Envelope(EventTypes.SensorSignal), value);

    private static ConsumeResult<byte[]?, byte[]?> Frame(byte[]? value, params (string, string)[] headers) =>
        Records.Event(Topics.VideoFrames, "gate", Envelope(EventTypes.VideoFrame), value, headers);

    private static ConsumeResult<byte[]?, byte[]?> Without(ConsumeResult<byte[]?, byte[]?> record, string header)
    {
        record.Message.Headers.Remove(header);
        return record;
    }

    private static ConsumeResult<byte[]?, byte[]?> With(ConsumeResult<byte[]?, byte[]?> record, string header, string value)
    {
        record.Message.Headers.Remove(header);
        record.Message.Headers.Add(header, Encoding.UTF8.GetBytes(value));
        return record;
    }

    /// <summary>Changes the value of a metadata entry, which Arrow stores before or after its key, within a few bytes.</summary>
    private static byte[] Replace(byte[] bytes, string key, string from, string to)
    {
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key));
        var (low, high) = (Math.Max(0, at - 40), Math.Min(bytes.Length, at + 40));
        // A flatbuffer string: its length in four bytes, then its text and a zero.
        byte[] pattern = [(byte)from.Length, 0, 0, 0, .. Encoding.ASCII.GetBytes(from), 0];
        var found = bytes.AsSpan(low, high - low).IndexOf(pattern);
        Assert.True(at > 0 && found >= 0, "the metadata entry is not where it was expected");
        Encoding.ASCII.GetBytes(to).CopyTo(bytes, low + found + 4);
        return bytes;
    }

    /// <summary>The same JPEG with other dimensions in its frame header.</summary>
    private static byte[] Claim(byte[] jpeg, int width, int height)
    {
        var at = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        (jpeg[at + 5], jpeg[at + 6]) = ((byte)(height >> 8), (byte)height);
        (jpeg[at + 7], jpeg[at + 8]) = ((byte)(width >> 8), (byte)width);
        return jpeg;
    }
}
