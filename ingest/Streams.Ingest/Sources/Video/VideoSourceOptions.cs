using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Sources.Video;

/// <summary>Which video becomes which records.</summary>
public sealed record VideoSourceOptions
{
    /// <summary>Key of the records.</summary>
    [Required(AllowEmptyStrings = false)]
    public required string Camera { get; init; }

    /// <summary>Path of a video file, or a URL (rtsp, http, …): whatever ffmpeg opens.</summary>
    [Required(AllowEmptyStrings = false)]
    public required string Source { get; init; }

    /// <summary>Frames taken per second of video. A video with fewer gives repeated frames.</summary>
    [Range(0.01, 120)]
    public double FramesPerSecond { get; init; } = 2;

    /// <summary>What a record holds.</summary>
    public VideoSourceCodec Codec { get; init; } = VideoSourceCodec.Jpeg;

    /// <summary>Quantiser of JPEGs: 2 is nearly lossless, 31 is coarse. Ignored for segments.</summary>
    [Range(2, 31)]
    public int JpegQuality { get; init; } = 4;

    /// <summary>Constant rate factor of segments: 0 is lossless, 51 is coarse. Ignored for JPEGs.</summary>
    [Range(0, 51)]
    public int SegmentQuality { get; init; } = 23;

    /// <summary>Frames of a segment; the last one may have fewer. Ignored for JPEGs.</summary>
    [Range(1, 1000)]
    public int SegmentFrames { get; init; } = 16;

    /// <summary>Wider frames are scaled down to this many pixels a row, even in width and height; narrower ones are never scaled up. Null: as they are.</summary>
    [Range(16, 16384)]
    public int? MaxWidth { get; init; }

    /// <summary>Gives a file's records no faster than they were filmed. A stream has its own pace.</summary>
    public bool RealTime { get; init; }

    /// <summary>Capture time of the first frame. Null: the time at which reading starts.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Goes on after damage with what still decodes, instead of stopping there. Streams always go on.</summary>
    public bool IgnoreDamage { get; init; }

    /// <summary>How long a stream may send nothing before it counts as broken. Ignored for files.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Folder that holds ffmpeg and ffprobe. Null: the folders of PATH.</summary>
    public string? FFmpegFolder { get; init; }
}
