using System.Text.Json.Serialization;

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

/// <summary>The image encoder: Hugging Face's CLIP vision fields, and three of our own.</summary>
internal sealed record VisionConfig
{
    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    public int NumChannels { get; init; } = 3;

    public required int ImageSize { get; init; }

    public required int PatchSize { get; init; }

    public double LayerNormEps { get; init; } = 1e-5;

    public string HiddenAct { get; init; } = "quick_gelu";

    /// <summary>Channels of the 3x3 stride-2 convolutions that replace the linear patch embedding; empty for CLIP's own.</summary>
    public IReadOnlyList<int> StemChannels { get; init; } = [];

    /// <summary>CLIP has one; small models may go without.</summary>
    public bool UseClassToken { get; init; } = true;

    /// <summary>Normalise the patch features too, as SigLIP does, not only the class token, as CLIP does.</summary>
    public bool NormalizePatches { get; init; }

    [JsonIgnore]
    public int GridSize => ImageSize / PatchSize;
}

/// <summary>Honeybee's C-Abstractor, with Honeybee's field names.</summary>
internal sealed record ConnectorConfig
{
    public required int Depth { get; init; }

    public required int MlpDepth { get; init; }

    public required int HiddenSize { get; init; }

    public required int EncoderHiddenSize { get; init; }

    public required int OutputHiddenSize { get; init; }

    public required int NumQueryTokens { get; init; }

    public required int NumInputTokens { get; init; }
}

/// <summary>The decoder, with Hugging Face's Llama field names.</summary>
internal sealed record TextConfig
{
    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    public required int NumKeyValueHeads { get; init; }

    public required int HeadDim { get; init; }

    public required int VocabSize { get; init; }

    public required int MaxPositionEmbeddings { get; init; }

    public double RmsNormEps { get; init; } = 1e-5;

    public double RopeTheta { get; init; } = 10_000;

    public bool TieWordEmbeddings { get; init; }
}
