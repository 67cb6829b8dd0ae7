using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Vision;

/// <summary>The transformer of CLIP (arXiv 2103.00020) and SigLIP (arXiv 2303.15343), as the configuration says.</summary>
internal sealed class VisionTransformer : Module<Tensor, Tensor>, IFusable
{
    private readonly VisionConfig _config;
    private readonly LayerNorm? _preNorm;
    private readonly VisionEncoder _encoder;
    private readonly LayerNorm _postNorm;
    private CudaKernels? _kernels;

    public VisionTransformer(VisionConfig config, LayerFactory layers)
        : base(nameof(VisionTransformer))
    {
        _config = config;
        Embeddings = new VisionEmbeddings(config, layers);
        register_module("embeddings", Embeddings);
        if (config.NormalizeEmbeddings)
        {
            _preNorm = layers.LayerNorm(config.HiddenSize, config.LayerNormEps);
            register_module("pre_layrnorm", _preNorm); // the published checkpoints spell it so
        }

        _encoder = new VisionEncoder(config, layers);
        _postNorm = layers.LayerNorm(config.HiddenSize, config.LayerNormEps);
        register_module("encoder", _encoder);
        register_module("post_layernorm", _postNorm);
    }

    public VisionEmbeddings Embeddings { get; }

    public override Tensor forward(Tensor pixels) => HiddenStates(pixels)[^1];

    /// <summary>Output of the embeddings and of each layer.</summary>
    public IReadOnlyList<Tensor> HiddenStates(Tensor pixels, Tensor? patchMask = null)
    {
        var hidden = Embeddings.forward(pixels, patchMask);
        hidden = _preNorm?.Normalize(hidden, _config.LayerNormEps, _kernels) ?? hidden;
        var mask = patchMask is null ? null : patchMask.to(ScalarType.Bool).flatten(1).unsqueeze(1).unsqueeze(1);
        List<Tensor> states = [hidden];
        foreach (var layer in _encoder.Layers)
        {
            using var scope = NewDisposeScope();
            hidden = layer.forward(hidden, mask).MoveToOuterDisposeScope();
            states.Add(hidden);
        }

        return states;
    }

    /// <summary>Patches (N, rows, columns) that have any pixel of the image, from the pixels (N, H, W) that have.</summary>
    public Tensor PatchMask(Tensor pixelMask) =>
        functional.avg_pool2d(pixelMask.to(ScalarType.Float32).unsqueeze(1), _config.PatchSize).squeeze(1) > Scalars.Zero;

    /// <summary>The normalised class token of the last layer's output.</summary>
    public Tensor Pool(Tensor hidden) => _postNorm.forward(hidden.select(1, 0));

    /// <summary>Last layer's features of the patches alone, as the connector wants them: (B, patches, C).</summary>
    public Tensor PatchFeatures(Tensor pixels, Tensor? patchMask = null)
    {
        var hidden = HiddenStates(pixels, patchMask)[^1];
        if (_config.UseClassToken)
        {
            hidden = hidden.narrow(1, 1, hidden.size(1) - 1);
        }

        return _config.NormalizePatches ? _postNorm.Normalize(hidden, _config.LayerNormEps, _kernels) : hidden;
    }

    public void Fuse(CudaKernels? kernels) => _kernels = kernels;
}

internal sealed class VisionEncoder : Module<Tensor, Tensor>
{
    public VisionEncoder(VisionConfig config, LayerFactory layers)
        : base(nameof(VisionEncoder))
    {
        Layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => new VisionLayer(config, layers))];
        register_module("layers", ModuleList(Layers.ToArray()));
    }

    public IReadOnlyList<VisionLayer> Layers { get; }

    public override Tensor forward(Tensor hidden) => Layers.Aggregate(hidden, (state, layer) => layer.forward(state, null));
}
