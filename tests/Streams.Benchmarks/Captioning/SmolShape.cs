using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Vision;
using static TorchSharp.torch;

namespace Streams.Benchmarks.Captioning;

/// <summary>The shape of a published SmolVLM2 (its config.json), to be filled with random weights.</summary>
internal sealed record SmolShape(string Name, TextConfig Text)
{
    /// <summary>Visual tokens of a frame.</summary>
    public const int FrameTokens = 64;

    /// <summary>Pixels a side of a frame.</summary>
    public const int FrameSize = 512;

    public static VisionConfig Vision { get; } = new VisionConfig
    {
        HiddenSize = 768,
        IntermediateSize = 3072,
        NumHiddenLayers = 12,
        NumAttentionHeads = 12,
        ImageSize = FrameSize,
        PatchSize = 16,
        LayerNormEps = 1e-6,
        HiddenAct = "gelu_pytorch_tanh",
    }.AsSiglip();

    public static SmolShape Smol256 { get; } = new("256M", new TextConfig
    {
        HiddenSize = 576,
        IntermediateSize = 1536,
        NumHiddenLayers = 30,
        NumAttentionHeads = 9,
        NumKeyValueHeads = 3,
        HeadDim = 64,
        VocabSize = 49280,
        MaxPositionEmbeddings = 8192,
    });

    public static SmolShape Smol500 { get; } = new("500M", new TextConfig
    {
        HiddenSize = 960,
        IntermediateSize = 2560,
        NumHiddenLayers = 32,
        NumAttentionHeads = 15,
        NumKeyValueHeads = 5,
        HeadDim = 64,
        VocabSize = 49280,
        MaxPositionEmbeddings = 8192,
    });

    public ConnectorConfig Connector => new()
    {
        ProjectorType = ConnectorConfig.PixelShuffle,
        ScaleFactor = 4,
        EncoderHiddenSize = 768,
        OutputHiddenSize = Text.HiddenSize,
        NumInputTokens = 1024,
        NumQueryTokens = FrameTokens,
    };

    /// <summary>A model whose weights are drawn on the device.</summary>
    public VisionLanguageModel Create(Device device, ScalarType type)
    {
        using var guard = no_grad();
        var model = new VisionLanguageModel(Vision, Connector, Text, LayerFactory.ForLoading(device, type));
        foreach (var parameter in model.parameters())
        {
            parameter.uniform_(-0.05, 0.05).requires_grad_(false);
        }

        model.eval();
        return model;
    }
}
