using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Vision;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>What config.json of a model folder says: all sizes of the model and how to feed it.</summary>
internal sealed record CaptionerConfig
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public required VisionConfig VisionConfig { get; init; }

    public required ConnectorConfig ConnectorConfig { get; init; }

    public required TextConfig TextConfig { get; init; }

    /// <summary>Pixels are divided by 255, then have the mean subtracted and are divided by the deviation.</summary>
    public required IReadOnlyList<float> ImageMean { get; init; }

    public required IReadOnlyList<float> ImageStd { get; init; }

    public required int FramesPerClip { get; init; }

    /// <summary>Placeholder that visual tokens replace.</summary>
    public required int ImageTokenId { get; init; }

    /// <summary>Stands before the visual tokens of each frame.</summary>
    public required int FrameTokenId { get; init; }

    public required int BosTokenId { get; init; }

    public required int EosTokenId { get; init; }

    public required int MaxNewTokens { get; init; }
}
