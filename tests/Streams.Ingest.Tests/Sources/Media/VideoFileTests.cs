using System.Diagnostics;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Media;
using Streams.Ingest.Tests.Sources.Video;
using Streams.Schemas.Frames;

namespace Streams.Ingest.Tests.Sources.Media;

public sealed class VideoFileTests
{
    private const int Side = 16;

    [Theory]
    [InlineData(1, new[] { 0 })]
    [InlineData(250, new[] { 0, 7, 100, 249 })]
    [InlineData(10_000, new[] { 3, 5_000, 9_999 })]
    public async Task Read_FramesByNumber_GivesThoseFrames(int frames, int[] indices)
    {
        using var folder = new TempFolder();
        var path = Write(folder, frames);

        var video = await VideoFile.OpenAsync(path, TestContext.Current.CancellationToken);
        var read = new List<RgbFrame>();
        await foreach (var frame in video.ReadAsync(indices, TestContext.Current.CancellationToken))
        {
            read.Add(frame);
        }

        Assert.Equal((frames, 25.0), (video.Frames, video.FramesPerSecond));
        Assert.Equal(frames / 25.0, video.Duration, 1e-9);
        Assert.All(read, frame => Assert.Equal((Side, Side), (frame.Width, frame.Height)));
        // Each frame is of one grey, its number: lossless but for the two conversions of colour.
        Assert.Equal(indices.Length, read.Count);
        Assert.All(read.Zip(indices), pair => Assert.InRange(pair.First.Pixels.Span[0], (pair.Second % 200) - 3, (pair.Second % 200) + 3));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no video at all")]
    public async Task Open_NoVideo_SaysSo(string text)
    {
        using var folder = new TempFolder();
        FFmpeg.SkipWithout();

        var error = await Assert.ThrowsAsync<SourceException>(() => VideoFile.OpenAsync(folder.File("a.mp4", text), TestContext.Current.CancellationToken));

        Assert.Contains("is not a video", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NotThere_SaysSo() => Assert.Contains(
        "'/no/such.mp4' is not there",
        (await Assert.ThrowsAsync<SourceException>(() => VideoFile.OpenAsync("/no/such.mp4", TestContext.Current.CancellationToken))).Message,
        StringComparison.Ordinal);

    private static string Write(TempFolder folder, int frames)
    {
        var path = Path.Combine(folder.Folder, "a.mp4");
        var start = new ProcessStartInfo(Path.Combine(FFmpeg.SkipWithout(), "ffmpeg"))
        {
            Arguments = $"-v error -y -f rawvideo -pix_fmt gray -s {Side}x{Side} -r 25 -i - -c:v libx264 -preset ultrafast -crf 5 -pix_fmt yuv420p {path}",
            RedirectStandardInput = true,
        };
        using var ffmpeg = Process.Start(start)!;
        var picture = new byte[Side * Side];
        for (var i = 0; i < frames; i++)
        {
            Array.Fill(picture, (byte)(i % 200));
            ffmpeg.StandardInput.BaseStream.Write(picture);
        }

        ffmpeg.StandardInput.Close();
        ffmpeg.WaitForExit();
        Assert.Equal(0, ffmpeg.ExitCode);
        return path;
    }
}
