using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>Honeybee's C-Abstractor: patch features to a fixed number of visual tokens, keeping their places.</summary>
internal sealed class CAbstractor : Module<Tensor, Tensor>
{
    private readonly ConnectorConfig _config;
    private readonly Parameter _positions;
    private readonly RegStage _before;
    private readonly RegStage _after;
    private readonly Readout _readout;

    public CAbstractor(ConnectorConfig config, LayerFactory layers)
        : base(nameof(CAbstractor))
    {
        _config = config;
        _positions = layers.Normal(0.02, 1, config.NumInputTokens, config.EncoderHiddenSize);
        register_parameter("pos_emb", _positions);

        _before = new RegStage(config.Depth, config.EncoderHiddenSize, config.HiddenSize, layers);
        _after = new RegStage(config.Depth, config.HiddenSize, config.HiddenSize, layers);
        register_module("net", Numbered((0, _before), (2, _after))); // 1 is the pooling, which has no weights

        _readout = new Readout(config.HiddenSize, config.OutputHiddenSize, config.MlpDepth, layers);
        register_module("readout", _readout);
    }

    public override Tensor forward(Tensor features)
    {
        var tokens = Sample(Before(features));
        tokens = _after.forward(tokens).flatten(2).transpose(1, 2);
        return _readout.forward(tokens);
    }

    /// <summary>The map after the first stage: (B, C, grid, grid).</summary>
    internal Tensor Before(Tensor features)
    {
        return _before.forward(PatchGrid.ToMap(features.Plus(Positions(features.size(1)))));
    }

    // A larger image than the trained one has more patches: its positions are interpolated as the encoder's are.
    private Tensor Positions(long patches)
    {
        if (patches == _config.NumInputTokens)
        {
            return _positions;
        }

        var side = PatchGrid.Side(patches);
        return PatchGrid.ToTokens(functional.interpolate(PatchGrid.ToMap(_positions), size: [side, side], mode: InterpolationMode.Bicubic, align_corners: false));
    }

    /// <summary>The map pooled to one cell a token.</summary>
    internal Tensor Sample(Tensor map) => functional.adaptive_avg_pool2d(map, (long)Math.Sqrt(_config.NumQueryTokens));

    /// <summary>The pooled map after the second stage.</summary>
    internal Tensor After(Tensor map) => _after.forward(map);

    private static ModuleDict<Module> Numbered(params (int Index, Module Module)[] modules) =>
        ModuleDict([.. modules.Select(entry => ($"{entry.Index}", entry.Module))]);
}
