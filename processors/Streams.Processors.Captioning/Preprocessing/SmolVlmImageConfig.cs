namespace Streams.Processors.Captioning.Preprocessing;

/// <summary>What preprocessor_config.json of Idefics3 and SmolVLM says.</summary>
internal sealed record SmolVlmImageConfig
{
    /// <summary>Pixels a side that the encoder takes.</summary>
    public required int TileSize { get; init; }

    /// <summary>Longest side that a picture is scaled to before it is cut.</summary>
    public required int LongestEdge { get; init; }

    /// <summary>Cut pictures into tiles; else one picture is one tile.</summary>
    public bool SplitImages { get; init; } = true;

    /// <summary>Pixels have this multiple taken, the mean subtracted, and are divided by the deviation.</summary>
    public double RescaleFactor { get; init; } = 1 / 255.0;

    public IReadOnlyList<float> Mean { get; init; } = [0.5f, 0.5f, 0.5f];

    public IReadOnlyList<float> Deviation { get; init; } = [0.5f, 0.5f, 0.5f];

    /// <summary>Frames a second taken of a video.</summary>
    public double VideoFramesPerSecond { get; init; } = 1;

    /// <summary>Frames of a video at most.</summary>
    public int MaxVideoFrames { get; init; } = 64;

    /// <summary>Longest side that a frame is scaled to before it is squashed into a tile.</summary>
    public int VideoLongestEdge { get; init; } = 512;
}
