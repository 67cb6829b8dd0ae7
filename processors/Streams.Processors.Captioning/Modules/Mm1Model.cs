using Streams.Processors.Captioning.Checkpoints;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Modules;

/// <summary>
/// The design of MM1 (arXiv 2403.09611): CLIP image encoder, C-Abstractor, decoder. Frames of a clip are several images of one
/// sequence, each encoded by itself; time is their order.
/// </summary>
internal sealed class Mm1Model : Module
{
    public Mm1Model(VisionConfig vision, ConnectorConfig connector, TextConfig text)
        : base(nameof(Mm1Model))
    {
        Vision = new ClipVisionTower(vision);
        Connector = new CAbstractor(connector);
        Language = new LlamaDecoder(text);
        register_module("vision_tower", Vision);
        register_module("connector", Connector);
        register_module("language_model", Language);
    }

    public ClipVisionTower Vision { get; }

    public CAbstractor Connector { get; }

    public LlamaDecoder Language { get; }

    /// <summary>Images (N, 3, H, W) to visual tokens (N, queries, D).</summary>
    public Tensor VisualTokens(Tensor pixels) => Connector.forward(Vision.PatchFeatures(pixels));

    /// <summary>Embeddings of <paramref name="ids"/> with the visual tokens, in order, in the places of <paramref name="imageToken"/>.</summary>
    public Tensor Merge(Tensor ids, Tensor visual, int imageToken)
    {
        var embeddings = Language.Embed(ids);
        return embeddings.masked_scatter((ids == imageToken).unsqueeze(-1), visual.reshape(-1, visual.shape[2]));
    }
}
