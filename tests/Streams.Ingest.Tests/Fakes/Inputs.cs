using System.Diagnostics;
using SkiaSharp;
using Streams.Ingest.Tests.Sources.Video;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Tests.Fakes;

/// <summary>Real content for records.</summary>
internal static class Inputs
{
    public static byte[] Jpeg(int width, int height, SKColor? color = null)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(color ?? SKColors.Red);
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.Blue };
        canvas.DrawRect(0, 0, width / 2f, height / 2f, paint);
        return bitmap.Encode(SKEncodedImageFormat.Jpeg, 90).ToArray();
    }

    public static byte[] Png() => new SKBitmap(8, 8).Encode(SKEncodedImageFormat.Png, 90).ToArray();

    public static SignalBatch Signals(string network = "net", int rows = 4) => new(
        network,
        "degC",
        ["a", "b"],
        [.. Enumerable.Range(0, rows).Select(n => Records.Time.AddHours(n))],
        [.. Enumerable.Range(0, rows * 2).Select(n => n == 3 ? double.NaN : n)]);

    /// <summary>A keyframe-led segment of a test picture, made by ffmpeg; skips the test where there is none.</summary>
    public static byte[] Segment(string encoder, string format, int frames, int width = 64, int height = 48)
    {
        var folder = FFmpeg.SkipWithout();
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(folder, "ffmpeg"),
            $"-v error -f lavfi -i testsrc=size={width}x{height}:rate=5 -frames:v {frames} -c:v {encoder} {(encoder == "libx265" ? "-x265-params log-level=none" : "")} -f {format} -")
        {
            RedirectStandardOutput = true,
        })!;
        using var bytes = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(bytes);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return bytes.ToArray();
    }
}
