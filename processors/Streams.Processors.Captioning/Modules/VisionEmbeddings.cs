using Streams.Processors.Captioning.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Modules;

/// <summary>Pixels to patch vectors with learned positions; other image sizes than the trained one get interpolated positions.</summary>
internal sealed class VisionEmbeddings : Module<Tensor, Tensor>
{
    private readonly VisionConfig _config;
    private readonly Parameter? _classEmbedding;
    private readonly Module<Tensor, Tensor> _patches;
    private readonly Embedding _positions;

    public VisionEmbeddings(VisionConfig config)
        : base(nameof(VisionEmbeddings))
    {
        _config = config;
        _patches = config.StemChannels.Count > 0
            ? new ConvolutionStem(config)
            : Conv2d(config.NumChannels, config.HiddenSize, config.PatchSize, stride: config.PatchSize, bias: false);
        _positions = Embedding((config.GridSize * config.GridSize) + (config.UseClassToken ? 1 : 0), config.HiddenSize);
        init.normal_(_positions.weight!, 0, 0.1);
        register_module("patch_embedding", _patches);
        register_module("position_embedding", _positions);
        if (config.UseClassToken)
        {
            _classEmbedding = Parameter(randn(config.HiddenSize) * 0.1);
            register_parameter("class_embedding", _classEmbedding);
        }
    }

    public override Tensor forward(Tensor pixels)
    {
        var features = _patches.forward(pixels);
        var grid = features.shape[2];
        var tokens = features.flatten(2).transpose(1, 2);
        if (_classEmbedding is not null)
        {
            tokens = cat([_classEmbedding.expand(tokens.shape[0], 1, -1), tokens], 1);
        }

        return tokens + Positions(grid);
    }

    /// <summary>Position vectors for a grid of <paramref name="grid"/> x <paramref name="grid"/> patches.</summary>
    internal Tensor Positions(long grid)
    {
        var weight = _positions.weight!;
        if (grid == _config.GridSize)
        {
            return weight;
        }

        var first = _config.UseClassToken ? 1 : 0;
        var map = weight.narrow(0, first, weight.shape[0] - first).t().reshape(1, -1, _config.GridSize, _config.GridSize);
        var resized = functional.interpolate(map, size: [grid, grid], mode: InterpolationMode.Bicubic, align_corners: false);
        var patches = resized.squeeze(0).flatten(1).t();
        return first == 0 ? patches : cat([weight.narrow(0, 0, 1), patches], 0);
    }
}

/// <summary>3x3 convolutions of stride 2 in place of one linear patch embedding: steadier to train when images are tiny.</summary>
internal sealed class ConvolutionStem : Module<Tensor, Tensor>
{
    private readonly List<Conv2d> _layers = [];

    public ConvolutionStem(VisionConfig config)
        : base(nameof(ConvolutionStem))
    {
        int[] channels = [config.NumChannels, .. config.StemChannels, config.HiddenSize];
        if (1 << (channels.Length - 1) != config.PatchSize)
        {
            throw new ModelConfigException(
                "vision_config.stem_channels",
                $"{config.StemChannels.Count} entries give a patch of {1 << (channels.Length - 1)} pixels, patch_size is {config.PatchSize}; make them equal");
        }

        for (var i = 1; i < channels.Length; i++)
        {
            var layer = Conv2d(channels[i - 1], channels[i], 3, stride: 2, padding: 1);
            register_module($"{i - 1}", layer);
            _layers.Add(layer);
        }
    }

    public override Tensor forward(Tensor pixels)
    {
        var features = _layers[0].forward(pixels);
        foreach (var layer in _layers.Skip(1))
        {
            features = layer.forward(functional.silu(features));
        }

        return features;
    }
}
