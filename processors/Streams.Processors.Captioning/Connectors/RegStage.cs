using Streams.Processors.Captioning.Cpu;
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
    private readonly int _channels;
    private readonly NormalizedConvolution _reduce;
    private readonly NormalizedConvolution _depthwise;
    private readonly SqueezeExcitation _gate;
    private readonly NormalizedConvolution _expand;
    private readonly NormalizedConvolution? _shortcut;

    public RegBlock(int inputChannels, int channels, LayerFactory layers)
        : base(nameof(RegBlock))
    {
        _channels = channels;
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
        if (ChannelKernels.Take(map, _channels))
        {
            var (rows, columns) = (map.size(2), map.size(3));
            var pixels = Apply(map.flatten(2).transpose(1, 2), (int)rows, (int)columns);
            return pixels.transpose(1, 2).view(pixels.size(0), pixels.size(2), rows, columns);
        }

        var inner = Silu(_reduce.forward(map));
        inner = Silu(_depthwise.forward(inner));
        inner = _expand.forward(_gate.forward(inner));
        return Silu(inner.Plus(_shortcut is null ? map : _shortcut.forward(map)));
        static Tensor Silu(Tensor values) => functional.silu(values, values.MayBeOverwritten());
    }

    // The same of pixels (B, rows x columns, C), by the kernels of a CPU.
    private Tensor Apply(Tensor pixels, int rows, int columns)
    {
        var inner = Silu(_reduce.Project(pixels));
        inner = Silu(_depthwise.Depthwise(inner, rows, columns));
        ChannelKernels.Gate(inner, _gate.Gates(inner.mean([1L])));
        inner = _expand.Project(inner);
        return Silu(inner.add_(_shortcut is null ? pixels : _shortcut.Project(pixels), Scalars.One));
        static Tensor Silu(Tensor values) => CpuActivations.Apply<CpuActivations.Silu>(values);
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

    /// <summary>A convolution of single pixels (B, pixels, C).</summary>
    public Tensor Project(Tensor pixels) => _norm.Normalize(Projections.Project(pixels, _convolution.weight!.flatten(1), null));

    /// <summary>A 3x3 convolution of each channel of pixels (B, rows x columns, C) by itself.</summary>
    public Tensor Depthwise(Tensor pixels, int rows, int columns) => _norm.Normalize(ChannelKernels.Depthwise(pixels, _convolution.weight!, rows, columns));
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

    public override Tensor forward(Tensor map) => Normalize(map.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);

    /// <summary>The same with the channels last.</summary>
    public Tensor Normalize(Tensor pixels) =>
        CpuKernels.TryLayerNorm(pixels, _weight, _bias, Epsilon) ?? functional.layer_norm(pixels, _shape, _weight, _bias, Epsilon);
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

    /// <summary>What the logistic function of which each channel is multiplied by, (B, C), for the means (B, C) of the channels.</summary>
    public Tensor Gates(Tensor means)
    {
        var squeezed = functional.silu(Projections.Project(means, _squeeze.weight!.flatten(1), _squeeze.bias), inplace: true);
        return Projections.Project(squeezed, _excite.weight!.flatten(1), _excite.bias);
    }
}
