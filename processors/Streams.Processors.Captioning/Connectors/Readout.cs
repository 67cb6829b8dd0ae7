using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>Visual tokens to the width of the decoder: linear layers with SiLU between them, numbered as in Honeybee.</summary>
internal sealed class Readout : Module<Tensor, Tensor>
{
    private readonly List<Linear> _layers = [];

    public Readout(int inputs, int outputs, int depth, LayerFactory layers)
        : base(nameof(Readout))
    {
        for (var i = 0; i < depth; i++)
        {
            var layer = layers.Linear(i == 0 ? inputs : outputs, outputs);
            _layers.Add(layer);
            register_module($"{2 * i}", layer); // the odd numbers are the activations, which have no weights
        }
    }

    public override Tensor forward(Tensor tokens)
    {
        for (var i = 0; i < _layers.Count; i++)
        {
            tokens = _layers[i].Project(i == 0 ? tokens : functional.silu(tokens));
        }

        return tokens;
    }
}
