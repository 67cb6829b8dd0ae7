using System.Diagnostics;
using System.Globalization;
using Streams.Ingest.Sources.Video;

namespace Streams.Ingest.Sources.Media;

/// <summary>Pictures through H.264 and back, in memory: what a camera's film looks like to who receives it.</summary>
public static class H264RoundTrip
{
    /// <summary>Encodes with libx264 (veryfast, yuv420p) and decodes. One thread of each, so that the same pictures give the same bytes.</summary>
    /// <param name="pictures">Square RGB pictures, one after another.</param>
    /// <param name="size">Pixels a side; even.</param>
    /// <param name="groupLength">Pictures from one IDR picture to the next.</param>
    /// <param name="quality">Constant rate factor, 0 to 51.</param>
    /// <param name="ct">Ends ffmpeg.</param>
    /// <exception cref="SourceException">ffmpeg is not installed or fails.</exception>
    public static async Task<byte[]> RunAsync(byte[] pictures, int size, int groupLength, int quality, CancellationToken ct)
    {
        var folder = FFmpegTools.Locate();
        var side = size.ToString(CultureInfo.InvariantCulture);
        var group = groupLength.ToString(CultureInfo.InvariantCulture);
        var film = await PipeAsync(
            folder,
            ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{side}x{side}", "-r", "8", "-i", "pipe:0", "-c:v", "libx264", "-preset", "veryfast", "-threads", "1",
                "-pix_fmt", "yuv420p", "-crf", quality.ToString(CultureInfo.InvariantCulture), "-g", group, "-keyint_min", group, "-sc_threshold", "0", "-f", "h264", "pipe:1"],
            pictures,
            ct);
        var seen = await PipeAsync(folder, ["-f", "h264", "-threads", "1", "-i", "pipe:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"], film, ct);
        return seen.Length == pictures.Length
            ? seen
            : throw new SourceException($"ffmpeg gave {seen.Length:N0} bytes of pictures back for {pictures.Length:N0}; is libx264 among `ffmpeg -encoders`?");
    }

    private static async Task<byte[]> PipeAsync(string folder, IReadOnlyList<string> arguments, byte[] input, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "ffmpeg"), ["-v", "error", "-nostdin", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var ffmpeg = Process.Start(start)!;
        await using var ending = ct.Register(() => ffmpeg.Kill());
        using var output = new MemoryStream();
        var reading = ffmpeg.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None);
        var errors = ffmpeg.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await ffmpeg.StandardInput.BaseStream.WriteAsync(input, ct);
            ffmpeg.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended early; its exit code and messages say why.
        }

        await reading;
        await ffmpeg.WaitForExitAsync(CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return ffmpeg.ExitCode == 0 ? output.ToArray() : throw new SourceException($"ffmpeg failed: {VideoProbe.Clean(await errors)}");
    }
}
