using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Streams.Schemas;
using Streams.Schemas.Frames;

namespace Streams.Ingest.Decoding;

/// <summary>H.264 and H.265 segments to RGB, by an ffmpeg process for each.</summary>
internal static partial class SegmentDecoder
{
    public const int MaxFrames = 1024;
    private const long MaxDecodedBytes = 256 * 1024 * 1024;
    private const int MaxErrorCharacters = 300;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The frames of a segment that decodes by itself, at <paramref name="framesPerSecond"/> from <paramref name="captureTime"/> on,
    /// and their size before scaling.
    /// </summary>
    /// <param name="format">ffmpeg's name of the raw format, h264 or hevc.</param>
    /// <param name="bytes">Annex B stream that begins with a keyframe.</param>
    /// <param name="width">Width to give.</param>
    /// <param name="height">Height to give.</param>
    /// <param name="captureTime">Of the first frame.</param>
    /// <param name="framesPerSecond">Of the segment.</param>
    /// <param name="ct">Gives up, and ends the process.</param>
    /// <exception cref="RecordFormatException">The segment does not decode, not in time, or is too large.</exception>
    /// <exception cref="DecoderUnavailableException">ffmpeg is missing.</exception>
    public static async Task<(IReadOnlyList<RgbFrame> Frames, int Width, int Height)> DecodeAsync(
        string format, ReadOnlyMemory<byte> bytes, int width, int height, DateTimeOffset captureTime, double framesPerSecond, CancellationToken ct)
    {
        using var process = Start(format, width, height);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Timeout);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var writing = WriteAsync(process, bytes, limit.Token);
            var frames = await ReadAsync(process.StandardOutput.BaseStream, width, height, captureTime, framesPerSecond, limit.Token);
            await writing;
            await process.WaitForExitAsync(limit.Token);
            var log = (await errors).Split('\n');
            var message = string.Join(' ', log.Where(line => ErrorLine().IsMatch(line)).Select(line => line.Trim()));
            var size = log.Select(line => InputSize().Match(line)).FirstOrDefault(match => match.Success);
            return process.ExitCode == 0 && message.Length == 0 && frames.Count > 0 && size is not null
                ? (frames, int.Parse(size.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(size.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
                : throw new RecordFormatException("value", $"is not a whole {format} segment: {(message.Length == 0 ? "no frame in it" : message[..Math.Min(message.Length, MaxErrorCharacters)])}; send a segment that begins with a keyframe");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Repeated for ever, one record that takes too long would hold up its partition.
            throw new RecordFormatException("value", $"is a segment of {bytes.Length} bytes that does not decode within {Timeout.TotalSeconds:0} s; send shorter segments");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static Process Start(string format, int width, int height)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])
        [
            "-hide_banner", "-nostats", "-loglevel", "level+info", "-max_pixels", JpegDecoder.MaxPixels.ToString(CultureInfo.InvariantCulture), "-xerror", "-err_detect", "explode", "-threads", "1", "-f", format, "-i", "pipe:0",
            "-fps_mode", "passthrough", "-frames:v", (MaxFrames + 1).ToString(CultureInfo.InvariantCulture), "-vf", $"scale={width}:{height}:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1",
        ])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new DecoderUnavailableException("ffmpeg is not on the PATH; install it (apt-get install ffmpeg)", e);
        }
    }

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(bytes, ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // ffmpeg gave up early; what it says on its error stream tells why.
        }
    }

    private static async Task<List<RgbFrame>> ReadAsync(
        Stream output, int width, int height, DateTimeOffset captureTime, double framesPerSecond, CancellationToken ct)
    {
        var frames = new List<RgbFrame>();
        while (true)
        {
            var pixels = new byte[width * height * 3];
            var read = await output.ReadAtLeastAsync(pixels, pixels.Length, throwOnEndOfStream: false, ct);
            if (read < pixels.Length)
            {
                return frames;
            }

            if (frames.Count == MaxFrames || (frames.Count + 1L) * pixels.Length > MaxDecodedBytes)
            {
                throw new RecordFormatException("value", $"is a segment of more than {MaxFrames} frames or {MaxDecodedBytes} decoded bytes; send shorter segments");
            }

            frames.Add(new RgbFrame(captureTime.AddMicroseconds(Math.Round(frames.Count * 1e6 / framesPerSecond)), width, height, pixels));
        }
    }

    [GeneratedRegex(@"\[(error|fatal|panic)\]")]
    private static partial Regex ErrorLine();

    // The first stream that ffmpeg tells of is that of its input.
    [GeneratedRegex(@"Stream #0:0.*: Video: .*?[ ,](\d{1,5})x(\d{1,5})\b")]
    private static partial Regex InputSize();
}
