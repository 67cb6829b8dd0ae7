using Confluent.Kafka;
using Streams.Ingest.Decoding;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;

namespace Streams.Ingest.Tests.Decoding;

public sealed class VideoFrameDecoderTests
{
    private static readonly EventEnvelope Envelope = new("id-1", "/tests", EventTypes.VideoFrame, Records.Time);

    [Fact]
    public async Task DecodeAsync_Jpeg_GivesItsPixels()
    {
        var frame = Assert.Single(await FramesAsync(Record(Inputs.Jpeg(64, 32), ("codec", "jpeg"), ("width", "64"), ("height", "32"), ("frame-count", "1"))));

        Assert.Equal((64, 32, Records.Time), (frame.Width, frame.Height, frame.CaptureTime));
        AssertColor(frame, 4, 4, (0, 0, 255));
        AssertColor(frame, 60, 28, (255, 0, 0));
    }

    [Theory]
    [InlineData(1600, 900, 512, 288)]
    [InlineData(300, 1200, 128, 512)]
    [InlineData(513, 10, 512, 10)]
    [InlineData(512, 512, 512, 512)]
    public async Task DecodeAsync_LargeJpeg_IsScaledToTheLongerSide(int width, int height, int scaledWidth, int scaledHeight)
    {
        var frame = Assert.Single(await FramesAsync(Record(Inputs.Jpeg(width, height), ("width", $"{width}"))));

        Assert.Equal((scaledWidth, scaledHeight), (frame.Width, frame.Height));
        AssertColor(frame, 2, 2, (0, 0, 255));
        AssertColor(frame, scaledWidth - 3, scaledHeight - 3, (255, 0, 0));
    }

    [Fact]
    public async Task DecodeAsync_EndOfSource_HasNoFrame()
    {
        var record = Records.Event(Topics.VideoFrames, "gate", Envelope with { Type = EventTypes.VideoEnd }, null);

        using var decoder = new VideoFrameDecoder();
        var input = await decoder.DecodeAsync(record, "gate", TestContext.Current.CancellationToken);

        Assert.Equal(EventTypes.VideoEnd, input.EventType);
        Assert.Empty(RgbFrameCodec.Decode(input.Payload));
    }

    [Theory]
    [InlineData("libx264", "h264")]
    [InlineData("libx265", "hevc")]
    public async Task DecodeAsync_Segment_GivesAllFramesWithTheirTimes(string encoder, string format)
    {
        var segment = Inputs.Segment(encoder, format, frames: 7);
        var codec = format == "hevc" ? "h265" : "h264";

        var frames = await FramesAsync(Record(segment, ("codec", codec), ("width", "64"), ("height", "48"), ("frame-count", "7"), ("frame-rate", "5")));

        Assert.Equal(7, frames.Count);
        Assert.All(frames, frame => Assert.Equal((64, 48), (frame.Width, frame.Height)));
        Assert.Equal(Enumerable.Range(0, 7).Select(n => Records.Time.AddMilliseconds(n * 200)), frames.Select(frame => frame.CaptureTime));
        Assert.NotEqual(frames[0].Pixels.ToArray(), frames[6].Pixels.ToArray());
    }

    [Fact]
    public async Task DecodeAsync_LargeSegment_IsScaled()
    {
        var segment = Inputs.Segment("libx264", "h264", frames: 1, width: 1280, height: 720);

        var frame = Assert.Single(await FramesAsync(Record(segment, ("codec", "h264"), ("width", "1280"), ("height", "720"), ("frame-rate", "5"))));

        Assert.Equal((512, 288), (frame.Width, frame.Height));
    }

    [Fact]
    public async Task DecodeAsync_BadSegments_AreRefusedWithTheReason()
    {
        var segment = Inputs.Segment("libx264", "h264", frames: 7, width: 320, height: 240);
        var damaged = segment.ToArray();
        damaged.AsSpan(segment.Length / 3, segment.Length / 3).Fill(0x55);

        (string, string)[] right = [("codec", "h264"), ("width", "320"), ("height", "240"), ("frame-rate", "5")];
        await RefusedAsync("segment", Record(damaged, right));
        await RefusedAsync("segment", Record(segment[..2_000], right));
        await RefusedAsync("segment", Record([1, 2, 3, 4, 5], right));
        await RefusedAsync("segment", Record(Inputs.Jpeg(320, 240), right));
        await RefusedAsync("frame-count", Record(segment, [.. right, ("frame-count", "8")]));
        await RefusedAsync("width", Record(segment, [.. right, ("width", "640")]));
        await RefusedAsync("height", Record(segment, [.. right, ("height", "480")]));
        await RefusedAsync("frame-rate", Record(segment, [.. right[..3]]));
        await RefusedAsync("width", Record(segment, ("codec", "h264"), ("frame-rate", "5")));
        await RefusedAsync("frame-rate", Record(segment, [.. right, ("frame-rate", "0")]));
    }

    [Fact]
    public async Task DecodeAsync_SegmentOfTooManyFrames_IsRefused()
    {
        var segment = Inputs.Segment("libx264", "h264", frames: 1_025);

        await RefusedAsync(
            "more than 1024 frames", Record(segment, ("codec", "h264"), ("width", "64"), ("height", "48"), ("frame-rate", "5")));
    }

    private static async Task RefusedAsync(string hint, ConsumeResult<byte[]?, byte[]?> record)
    {
        using var decoder = new VideoFrameDecoder();
        var error = await Assert.ThrowsAsync<RecordFormatException>(
            () => decoder.DecodeAsync(record, "gate", TestContext.Current.CancellationToken).AsTask());
        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<RgbFrame>> FramesAsync(ConsumeResult<byte[]?, byte[]?> record)
    {
        using var decoder = new VideoFrameDecoder();
        return RgbFrameCodec.Decode((await decoder.DecodeAsync(record, "gate", TestContext.Current.CancellationToken)).Payload);
    }

    private static ConsumeResult<byte[]?, byte[]?> Record(byte[] value, params (string, string)[] headers) =>
        Records.Event(Topics.VideoFrames, "gate", Envelope, value, headers);

    private static void AssertColor(RgbFrame frame, int x, int y, (int R, int G, int B) expected)
    {
        var at = frame.Pixels.Span.Slice(((y * frame.Width) + x) * 3, 3);
        Assert.True(
            Math.Abs(at[0] - expected.R) + Math.Abs(at[1] - expected.G) + Math.Abs(at[2] - expected.B) < 24,
            $"({x},{y}) is {at[0]},{at[1]},{at[2]} and not {expected}");
    }
}
