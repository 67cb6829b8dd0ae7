namespace Streams.Processors.Captioning.Connectors;

/// <summary>The connector, with Honeybee's field names and defaults (arXiv 2312.06742), and a few for the other kinds.</summary>
internal sealed record ConnectorConfig
{
    public const string CAbstractor = "c-abs";
    public const string AveragePool = "avg-pool";
    public const string AttentionPool = "attention-pool";
    public const string PixelShuffle = "pixel-shuffle";

    public static IReadOnlyList<string> Types { get; } = [CAbstractor, AveragePool, AttentionPool, PixelShuffle];

    /// <summary>One of <see cref="Types"/>.</summary>
    public string ProjectorType { get; init; } = CAbstractor;

    /// <summary>Blocks before and after the pooling of the C-Abstractor.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Linear layers to the decoder's width.</summary>
    public int MlpDepth { get; init; } = 2;

    /// <summary>Channels of the C-Abstractor's blocks.</summary>
    public int HiddenSize { get; init; } = 1024;

    public required int EncoderHiddenSize { get; init; }

    public required int OutputHiddenSize { get; init; }

    public required int NumQueryTokens { get; init; }

    public required int NumInputTokens { get; init; }

    /// <summary>Heads of the attention pooling.</summary>
    public int NumAttentionHeads { get; init; } = 8;

    /// <summary>Patches a side that the pixel shuffle makes one token of.</summary>
    public int ScaleFactor { get; init; } = 1;
}
