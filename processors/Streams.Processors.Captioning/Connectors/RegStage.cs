using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>Residual bottleneck blocks with depthwise 3x3 convolution and squeeze-excitation, as timm's RegStage is set up in Honeybee.</summary>
internal sealed class RegStage : Module<Tensor, Tensor>
{
    private readonly List<RegBlock> _blocks = [];

    public RegStage(int depth, int inputChannels, int outputChannels, LayerFactory layers)
        : base(nameof(RegStage))
    {
        for (var i = 1; i <= depth; i++)
        {
            var block = new RegBlock(i == 1 ? inputChannels : outputChannels, outputChannels, layers);
            register_module($"b{i}", block);
            _blocks.Add(block);
        }
    }

    public override Tensor forward(Tensor map) => _blocks.Aggregate(map, (state, block) => block.forward(state));
}

internal sealed class RegBlock : Module<Tensor, Tensor>
{
    private readonly NormalizedConvolution _reduce;
    private readonly NormalizedConvolution _depthwise;
    private readonly SqueezeExcitation _gate;
    private readonly NormalizedConvolution _expand;
    private readonly NormalizedConvolution? _shortcut;

    public RegBlock(int inputChannels, int channels, LayerFactory layers)
        : base(nameof(RegBlock))
    {
        _reduce = new NormalizedConvolution(inputChannels, channels, 1, groups: 1, layers);
        _depthwise = new NormalizedConvolution(channels, channels, 3, groups: channels, layers);
        // timm sizes the squeeze by the block's input, not by its own channels; Math.Round halves to even as Python does.
        _gate = new SqueezeExcitation(channels, (int)Math.Round(0.25 * inputChannels), layers);
        _expand = new NormalizedConvolution(channels, channels, 1, groups: 1, layers);
        register_module("conv1", _reduce);
        register_module("conv2", _depthwise);
        register_module("se", _gate);
        register_module("conv3", _expand);
        if (inputChannels != channels)
        {
            _shortcut = new NormalizedConvolution(inputChannels, channels, 1, groups: 1, layers);
            register_module("downsample", _shortcut);
        }
    }

    public override Tensor forward(Tensor map)
    {
        var inner = Silu(_reduce.forward(map));
        inner = Silu(_depthwise.forward(inner));
        inner = _expand.forward(_gate.forward(inner));
        return Silu(inner.Plus(_shortcut is null ? map : _shortcut.forward(map)));
        static Tensor Silu(Tensor values) => functional.silu(values, values.MayBeOverwritten());
    }
}

/// <summary>Convolution without bias, then layer normalisation over the channels of each pixel.</summary>
internal sealed class NormalizedConvolution : Module<Tensor, Tensor>
{
    private readonly Conv2d _convolution;
    private readonly ChannelNorm _norm;

    public NormalizedConvolution(int inputChannels, int channels, int kernel, int groups, LayerFactory layers)
        : base(nameof(NormalizedConvolution))
    {
        _convolution = layers.Conv2d(inputChannels, channels, kernel, padding: kernel / 2, groups: groups, bias: false);
        _norm = new ChannelNorm(channels, layers);
        register_module("conv", _convolution);
        register_module("bn", _norm);
    }

    public override Tensor forward(Tensor map) => _norm.forward(_convolution.forward(map));
}

internal sealed class ChannelNorm : Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-5; // timm's LayerNormAct2d; its LayerNorm2d would say 1e-6
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly long[] _shape;

    public ChannelNorm(int channels, LayerFactory layers)
        : base(nameof(ChannelNorm))
    {
        _shape = [channels];
        _weight = layers.Ones(channels);
        _bias = layers.Zeros(channels);
        register_parameter("weight", _weight);
        register_parameter("bias", _bias);
    }

    public override Tensor forward(Tensor map) =>
        functional.layer_norm(map.permute(0, 2, 3, 1), _shape, _weight, _bias, Epsilon).permute(0, 3, 1, 2);
}

internal sealed class SqueezeExcitation : Module<Tensor, Tensor>
{
    private readonly Conv2d _squeeze;
    private readonly Conv2d _excite;

    public SqueezeExcitation(int channels, int squeezed, LayerFactory layers)
        : base(nameof(SqueezeExcitation))
    {
        _squeeze = layers.Conv2d(channels, squeezed, 1);
        _excite = layers.Conv2d(squeezed, channels, 1);
        register_module("fc1", _squeeze);
        register_module("fc2", _excite);
    }

    public override Tensor forward(Tensor map)
    {
        var gate = map.mean([2, 3], keepdim: true);
        return map * sigmoid(_excite.forward(functional.silu(_squeeze.forward(gate))));
    }
}
