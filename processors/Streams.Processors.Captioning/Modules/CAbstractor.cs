using Streams.Processors.Captioning.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Modules;

/// <summary>Honeybee's C-Abstractor: patch features to a fixed number of visual tokens, keeping their places.</summary>
internal sealed class CAbstractor : Module<Tensor, Tensor>
{
    private readonly ConnectorConfig _config;
    private readonly Parameter _positions;
    private readonly RegStage _before;
    private readonly RegStage _after;
    private readonly List<Linear> _readout = [];

    public CAbstractor(ConnectorConfig config)
        : base(nameof(CAbstractor))
    {
        _config = config;
        _positions = Parameter(randn(1, config.NumInputTokens, config.EncoderHiddenSize) * 0.02);
        register_parameter("pos_emb", _positions);

        _before = new RegStage(config.Depth, config.EncoderHiddenSize, config.HiddenSize);
        _after = new RegStage(config.Depth, config.HiddenSize, config.HiddenSize);
        register_module("net", Numbered((0, _before), (2, _after))); // 1 is the pooling, which has no weights

        for (var i = 0; i < config.MlpDepth; i++)
        {
            _readout.Add(Linear(i == 0 ? config.HiddenSize : config.OutputHiddenSize, config.OutputHiddenSize));
        }

        register_module("readout", Numbered([.. _readout.Select((layer, i) => (2 * i, (Module)layer))]));
    }

    public override Tensor forward(Tensor features)
    {
        var tokens = Sample(Before(features));
        tokens = _after.forward(tokens).flatten(2).transpose(1, 2);
        return Readout(tokens);
    }

    /// <summary>The map after the first stage: (B, C, grid, grid).</summary>
    internal Tensor Before(Tensor features)
    {
        var placed = features + _positions;
        var grid = (long)Math.Sqrt(placed.shape[1]);
        return _before.forward(placed.transpose(1, 2).reshape(placed.shape[0], -1, grid, grid));
    }

    /// <summary>The map pooled to one cell a token.</summary>
    internal Tensor Sample(Tensor map) => functional.adaptive_avg_pool2d(map, (long)Math.Sqrt(_config.NumQueryTokens));

    /// <summary>The pooled map after the second stage.</summary>
    internal Tensor After(Tensor map) => _after.forward(map);

    private Tensor Readout(Tensor tokens)
    {
        for (var i = 0; i < _readout.Count; i++)
        {
            tokens = _readout[i].forward(i == 0 ? tokens : functional.silu(tokens));
        }

        return tokens;
    }

    private static ModuleDict<Module> Numbered(params (int Index, Module Module)[] modules) =>
        ModuleDict([.. modules.Select(entry => ($"{entry.Index}", entry.Module))]);
}
