using FFMpegCore;
using FFMpegCore.Exceptions;

namespace Streams.Ingest.Sources.Video;

/// <summary>Asks ffprobe what an input is, before anything is published and when ffmpeg gives no reason for failing.</summary>
internal static class VideoProbe
{
    /// <summary>Length of the video in <paramref name="path"/>; zero when the file does not say.</summary>
    /// <exception cref="SourceException">Not a video.</exception>
    public static async Task<TimeSpan> LengthAsync(string path, string folder, CancellationToken ct)
    {
        IMediaAnalysis media;
        try
        {
            media = await FFProbe.AnalyseAsync(path, FFmpegTools.Options(folder), "-v error", ct);
        }
        catch (FFProbeException e)
        {
            throw NotAVideo(path, Reason(e), e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new SourceException($"ffprobe in {folder} cannot be used ({e.Message}); install ffmpeg anew", e);
        }

        // ffmpeg renders any text file as a film of a terminal.
        if (media.Format.FormatName == "tty")
        {
            throw NotAVideo(path, "it is text");
        }

        var video = media.VideoStreams.FirstOrDefault(stream => stream.Disposition?.GetValueOrDefault("attached_pic") != true)
            ?? throw NotAVideo(path, media.AudioStreams.Count > 0 ? "it has sound only" : "it has no pictures");
        return video.Duration > TimeSpan.Zero ? video.Duration : media.Format.Duration;
    }

    /// <summary>Why a stream cannot be opened; null when it can be now.</summary>
    public static async Task<string?> StreamFaultAsync(string url, string folder, CancellationToken ct)
    {
        try
        {
            var media = await FFProbe.AnalyseAsync(new Uri(url), FFmpegTools.Options(folder), "-v error", ct);
            return media.PrimaryVideoStream is null ? "it has no pictures" : null;
        }
        catch (FFProbeException e)
        {
            return Reason(e);
        }
    }

    /// <summary>The last thing that ffmpeg said, without its address in memory.</summary>
    public static string LastWords(IReadOnlyList<string> standardError, string otherwise) =>
        standardError.LastOrDefault(line => !string.IsNullOrWhiteSpace(line)) is { } line ? Clean(line) : otherwise;

    /// <summary>One line of ffmpeg without the address in memory that it puts before it.</summary>
    public static string Clean(string line)
    {
        var at = line.IndexOf(" @ 0x", StringComparison.Ordinal);
        var close = at < 0 ? -1 : line.IndexOf(']', at);
        return (close < 0 ? line : line[..at] + line[close..]).Trim();
    }

    private static string Reason(FFProbeException e) =>
        e is FFProbeProcessException process ? LastWords(process.StandardError, e.Message) : e.Message;

    private static SourceException NotAVideo(string path, string reason, Exception? inner = null) =>
        new($"'{path}' is not a video that ffmpeg can read ({reason}); give a whole video file, or a URL", inner);
}
