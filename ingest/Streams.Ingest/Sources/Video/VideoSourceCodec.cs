namespace Streams.Ingest.Sources.Video;

/// <summary>What a record of a <see cref="VideoSource"/> holds.</summary>
public enum VideoSourceCodec
{
    /// <summary>One frame as a JPEG.</summary>
    Jpeg,

    /// <summary>Several frames as an H.264 segment in Annex B form that starts with a keyframe and decodes by itself: a fraction of the bytes.</summary>
    H264,
}
