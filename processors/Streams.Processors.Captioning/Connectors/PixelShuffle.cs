using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>
/// The connector of Idefics3 (arXiv 2408.12637) and SmolVLM: squares of s x s patches become one token of s^2 times the width, in the
/// order row in the square, column in the square, channel; then one linear layer.
/// </summary>
internal sealed class PixelShuffle : Module<Tensor, Tensor>
{
    private readonly int _scale;
    private readonly Linear _projection;

    public PixelShuffle(ConnectorConfig config, LayerFactory layers)
        : base(nameof(PixelShuffle))
    {
        _scale = config.ScaleFactor;
        _projection = layers.Linear((long)config.EncoderHiddenSize * _scale * _scale, config.OutputHiddenSize, bias: false);
        register_module("proj", _projection);
    }

    public override Tensor forward(Tensor features) => _projection.forward(Shuffle(features));

    /// <summary>(B, N, C) to (B, N / s^2, C s^2).</summary>
    internal Tensor Shuffle(Tensor features)
    {
        var (batch, side, channels) = (features.size(0), PatchGrid.Side(features.size(1)), features.size(2));
        var squares = side / _scale;
        return features
            .view(batch, squares, _scale, squares, _scale, channels)
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(batch, squares * squares, channels * _scale * _scale);
    }
}
