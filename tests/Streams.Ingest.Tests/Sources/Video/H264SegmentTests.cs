using System.Diagnostics;
using System.Globalization;
using Streams.Ingest.Decoding;
using Streams.Ingest.Sources.Video;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.Sources.Video;

public sealed class H264SegmentTests
{
    [Theory]
    [InlineData("video/bottle-detection.mp4", null, 640, 360, 7)]
    [InlineData("video/car-detection.mp4", 202, 202, 114, 16)]
    [InlineData("video/bottle-detection.mp4", 320, 320, 180, 1)]
    public async Task Read_Segments_EachDecodesByItselfToItsFrameCount(string file, int? maxWidth, int width, int height, int segmentFrames)
    {
        FFmpeg.SkipWithout();
        var start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var source = await VideoSource.OpenAsync(
            new()
            {
                Camera = "gate",
                Source = SharedData.Find(file),
                FramesPerSecond = 1,
                Codec = VideoSourceCodec.H264,
                SegmentFrames = segmentFrames,
                MaxWidth = maxWidth,
                Start = start,
            },
            TimeProvider.System,
            TestContext.Current.CancellationToken);

        var records = await Records.AllAsync(source);

        var segments = records[..^1];
        var seconds = 0;
        Assert.InRange(source.ExpectedRecords!.Value, records.Count - 1, records.Count + 1);
        foreach (var (i, segment) in segments.Index())
        {
            var frames = int.Parse(segment.Header(Headers.FrameCount)!, CultureInfo.InvariantCulture);
            Assert.Equal(start.AddSeconds(seconds), segment.Envelope.Time);
            Assert.Equal("video/h264", segment.Envelope.ContentType);
            Assert.Equal(
                ["h264", $"{width}", $"{height}", $"{i}", "1"],
                [segment.Header(Headers.Codec), segment.Header(Headers.Width), segment.Header(Headers.Height), segment.Header(Headers.Sequence), segment.Header(Headers.FrameRate)]);
            Assert.True(frames == segmentFrames || segment == segments[^1]);

            // Decoded alone, with damage refused.
            var decoded = await SegmentDecoder.DecodeAsync("h264", segment.Value, width, height, segment.Envelope.Time, 1, TestContext.Current.CancellationToken);
            Assert.Equal((frames, width, height), (decoded.Frames.Count, decoded.Width, decoded.Height));
            seconds += frames;
        }

        Assert.InRange(seconds, file.Contains("bottle", StringComparison.Ordinal) ? 39 : 29, file.Contains("bottle", StringComparison.Ordinal) ? 41 : 31);
        Assert.Equal(start.AddSeconds(seconds), records[^1].Envelope.Time);
        Assert.Equal(EventTypes.VideoEnd, records[^1].Envelope.Type);
    }

    [Fact]
    public async Task Read_OddSizesAndCropping_AreReadFromTheParameterSet()
    {
        var folder = FFmpeg.SkipWithout();
        using var temp = new TempFolder();
        var film = Path.Combine(temp.Folder, "odd.mkv");
        using (var make = Process.Start(Path.Combine(folder, "ffmpeg"), ["-v", "error", "-f", "lavfi", "-i", "testsrc=size=99x51:rate=5:duration=2", "-c:v", "ffv1", film]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var source = await VideoSource.OpenAsync(
            new() { Camera = "gate", Source = film, FramesPerSecond = 5, Codec = VideoSourceCodec.H264, SegmentFrames = 4 },
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        var records = await Records.AllAsync(source);

        Assert.Equal(["4", "4", "2"], records[..^1].Select(record => record.Header(Headers.FrameCount)));
        Assert.All(records[..^1], record => Assert.Equal(("98", "50"), (record.Header(Headers.Width), record.Header(Headers.Height))));
    }
}
