using Streams.Processors.Captioning.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Modules;

/// <summary>CLIP's image encoder, with the parameter names of Hugging Face's CLIPVisionModel.</summary>
internal sealed class ClipVisionTower : Module<Tensor, Tensor>
{
    private readonly VisionTransformer _transformer;

    public ClipVisionTower(VisionConfig config)
        : base(nameof(ClipVisionTower))
    {
        _transformer = new VisionTransformer(config);
        register_module("vision_model", _transformer);
    }

    /// <summary>Features of the last layer, class token first where there is one: (B, tokens, C).</summary>
    public override Tensor forward(Tensor pixels) => _transformer.forward(pixels);

    /// <summary>Output of the embeddings and of each layer.</summary>
    public IReadOnlyList<Tensor> HiddenStates(Tensor pixels) => _transformer.HiddenStates(pixels);

    /// <summary>The normalised class token of the last layer's output.</summary>
    public Tensor Pool(Tensor hidden) => _transformer.Pool(hidden);

    /// <summary>Last layer's features of the patches alone, as the connector wants them.</summary>
    public Tensor PatchFeatures(Tensor pixels) => _transformer.PatchFeatures(pixels);
}

internal sealed class VisionTransformer : Module<Tensor, Tensor>
{
    private readonly VisionConfig _config;
    private readonly VisionEmbeddings _embeddings;
    private readonly LayerNorm _preNorm;
    private readonly VisionEncoder _encoder;
    private readonly LayerNorm _postNorm;

    public VisionTransformer(VisionConfig config)
        : base(nameof(VisionTransformer))
    {
        _config = config;
        _embeddings = new VisionEmbeddings(config);
        _preNorm = LayerNorm(config.HiddenSize, config.LayerNormEps);
        _encoder = new VisionEncoder(config);
        _postNorm = LayerNorm(config.HiddenSize, config.LayerNormEps);
        register_module("embeddings", _embeddings);
        register_module("pre_layrnorm", _preNorm); // the published checkpoints spell it so
        register_module("encoder", _encoder);
        register_module("post_layernorm", _postNorm);
    }

    public override Tensor forward(Tensor pixels) => HiddenStates(pixels)[^1];

    public IReadOnlyList<Tensor> HiddenStates(Tensor pixels)
    {
        var hidden = _preNorm.forward(_embeddings.forward(pixels));
        List<Tensor> states = [hidden];
        foreach (var layer in _encoder.Layers)
        {
            hidden = layer.forward(hidden);
            states.Add(hidden);
        }

        return states;
    }

    public Tensor Pool(Tensor hidden) => _postNorm.forward(hidden.select(1, 0));

    public Tensor PatchFeatures(Tensor pixels)
    {
        var hidden = forward(pixels);
        if (_config.UseClassToken)
        {
            hidden = hidden.narrow(1, 1, hidden.shape[1] - 1);
        }

        return _config.NormalizePatches ? _postNorm.forward(hidden) : hidden;
    }
}

internal sealed class VisionEncoder : Module<Tensor, Tensor>
{
    public VisionEncoder(VisionConfig config)
        : base(nameof(VisionEncoder))
    {
        Layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => new VisionLayer(config))];
        register_module("layers", ModuleList(Layers.ToArray()));
    }

    public IReadOnlyList<VisionLayer> Layers { get; }

    public override Tensor forward(Tensor hidden) => Layers.Aggregate(hidden, (state, layer) => layer.forward(state));
}
