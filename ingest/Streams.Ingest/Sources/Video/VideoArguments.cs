using System.Globalization;
using FFMpegCore;

namespace Streams.Ingest.Sources.Video;

/// <summary>What ffmpeg is told.</summary>
internal static class VideoArguments
{
    public static FFMpegArguments Input(VideoSourceOptions options, string source, bool live) => live
        ? FFMpegArguments.FromUrlInput(source, input => input.WithCustomArgument(Network(options, source)))
        : FFMpegArguments.FromFileInput(source, verifyExists: false, input =>
        {
            // Without these ffmpeg conceals damage and reports success.
            if (!options.IgnoreDamage)
            {
                input.WithCustomArgument("-xerror -err_detect explode");
            }
        });

    public static void Output(VideoSourceOptions options, FFMpegOutputOptions output)
    {
        // fps as a filter: the output option -r miscounts.
        var limit = options.MaxWidth is { } width ? Invariant($"min(iw\\,{width})") : "iw";
        output.WithCustomArgument(Invariant($"-map 0:V:0 -vf \"fps={options.FramesPerSecond:R},scale=w=trunc({limit}/2)*2:h=-2\""));
        output.WithCustomArgument(options.Codec == VideoSourceCodec.Jpeg
            ? Invariant($"-c:v mjpeg -pix_fmt yuvj420p -q:v {options.JpegQuality} -f image2pipe")
            : Segments(options));
    }

    // Every segment starts with an IDR picture and its parameter sets, refers to nothing before it, and every picture with a delimiter.
    private static string Segments(VideoSourceOptions options) => Invariant(
        $"-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -crf {options.SegmentQuality} ")
        + Invariant($"-x264-params \"keyint={options.SegmentFrames}:min-keyint={options.SegmentFrames}:scenecut=0:bframes=0:open-gop=0:repeat-headers=1:aud=1\" ")
        + "-f h264";

    private static string Network(VideoSourceOptions options, string source)
    {
        var microseconds = (long)options.ReadTimeout.TotalMicroseconds;
        return source.StartsWith("rtsp", StringComparison.OrdinalIgnoreCase)
            ? Invariant($"-rtsp_transport tcp -timeout {microseconds}")
            : Invariant($"-rw_timeout {microseconds}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
