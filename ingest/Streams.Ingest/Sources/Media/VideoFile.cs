using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Streams.Ingest.Sources.Video;
using Streams.Schemas.Frames;

namespace Streams.Ingest.Sources.Media;

/// <summary>A video of known length, read frame by frame: only the frames asked for are ever held.</summary>
public sealed class VideoFile
{
    private readonly string _path;
    private readonly string _folder;

    private VideoFile(string path, string folder, int frames, double framesPerSecond)
    {
        (_path, _folder, Frames, FramesPerSecond) = (path, folder, frames, framesPerSecond);
    }

    /// <summary>Frames in it.</summary>
    public int Frames { get; }

    /// <summary>Frames a second, on average.</summary>
    public double FramesPerSecond { get; }

    /// <summary>Seconds.</summary>
    public double Duration => Frames / FramesPerSecond;

    /// <summary>Counts the frames of a file.</summary>
    /// <exception cref="SourceException">Not there, no video, or ffmpeg is not installed.</exception>
    public static async Task<VideoFile> OpenAsync(string path, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            throw new SourceException($"'{path}' is not there; give a video");
        }

        var folder = FFmpegTools.Locate();
        await VideoProbe.LengthAsync(path, folder, ct); // says in words what is no video
        using var probe = Start(
            folder, "ffprobe", ["-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets,avg_frame_rate", "-of", "json", path]);
        var errors = probe.StandardError.ReadToEndAsync(ct);
        using var json = await JsonDocument.ParseAsync(probe.StandardOutput.BaseStream, cancellationToken: ct);
        await probe.WaitForExitAsync(ct);
        var stream = json.RootElement.GetProperty("streams")[0];
        var frames = int.Parse(stream.GetProperty("nb_read_packets").GetString()!, CultureInfo.InvariantCulture);
        var rate = stream.GetProperty("avg_frame_rate").GetString()!.Split('/').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return frames > 0
            ? new VideoFile(path, folder, frames, rate[0] > 0 && rate[1] > 0 ? rate[0] / rate[1] : 1)
            : throw new SourceException($"'{path}' has no frames ({VideoProbe.Clean(await errors)}); give a whole video file");
    }

    /// <summary>The frames of <paramref name="indices"/>, ascending and counted from 0, one after another.</summary>
    /// <exception cref="SourceException">The file is damaged.</exception>
    public async IAsyncEnumerable<RgbFrame> ReadAsync(IReadOnlyList<int> indices, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var select = string.Join('+', indices.Select(index => $"eq(n\\,{index})"));
        using var ffmpeg = Start(_folder, "ffmpeg", ["-v", "error", "-nostdin", "-i", _path, "-vf", $"select={select}", "-fps_mode", "passthrough", "-f", "image2pipe", "-c:v", "ppm", "-"]);
        try
        {
            var errors = ffmpeg.StandardError.ReadToEndAsync(ct);
            var output = ffmpeg.StandardOutput.BaseStream;
            var read = 0;
            while (read < indices.Count && await ReadFrameAsync(output, ct) is { } frame)
            {
                read++;
                yield return frame;
            }

            if (read == 0)
            {
                throw new SourceException($"'{_path}' gives none of the frames asked for ({VideoProbe.Clean(await errors)}); give a whole video file");
            }
        }
        finally
        {
            if (!ffmpeg.HasExited)
            {
                ffmpeg.Kill();
            }
        }
    }

    // P6, width, height and 255 as text, one white space, then the pixels; null at the end of the stream.
    private static async Task<RgbFrame?> ReadFrameAsync(Stream stream, CancellationToken ct)
    {
        var (words, word, one) = (new List<string>(), string.Empty, new byte[1]);
        while (words.Count < 4)
        {
            if (await stream.ReadAsync(one, ct) == 0)
            {
                return null;
            }

            if (!char.IsWhiteSpace((char)one[0]))
            {
                word += (char)one[0];
            }
            else if (word.Length > 0)
            {
                words.Add(word);
                word = string.Empty;
            }
        }

        var (width, height) = (int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
        var pixels = new byte[width * height * 3];
        return await stream.ReadAtLeastAsync(pixels, pixels.Length, throwOnEndOfStream: false, ct) == pixels.Length
            ? new RgbFrame(default, width, height, pixels)
            : null;
    }

    private static Process Start(string folder, string program, IReadOnlyList<string> arguments) =>
        Process.Start(new ProcessStartInfo(Path.Combine(folder, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new SourceException($"{program} in {folder} does not start; install ffmpeg anew");
}
