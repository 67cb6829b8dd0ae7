using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Vision;

/// <summary>An image encoder with the parameter names of Hugging Face's CLIPVisionModel and SiglipVisionModel.</summary>
internal sealed class VisionTower : Module<Tensor, Tensor>
{
    public VisionTower(VisionConfig config, LayerFactory layers)
        : base(nameof(VisionTower))
    {
        Transformer = new VisionTransformer(config, layers);
        register_module("vision_model", Transformer);
    }

    /// <summary>The transformer itself.</summary>
    public VisionTransformer Transformer { get; }

    /// <summary>Features of the last layer, class token first where there is one: (B, tokens, C).</summary>
    public override Tensor forward(Tensor pixels) => Transformer.forward(pixels);

    /// <summary>Last layer's features of the patches alone, as the connector wants them.</summary>
    public Tensor PatchFeatures(Tensor pixels, Tensor? patchMask = null) => Transformer.PatchFeatures(pixels, patchMask);
}
