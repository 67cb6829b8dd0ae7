using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>MM1's plainest connector (arXiv 2403.09611, section 3.2): patch features averaged over a square of cells, then projected.</summary>
internal sealed class AveragePooling : Module<Tensor, Tensor>
{
    private readonly long _side;
    private readonly Readout _readout;

    public AveragePooling(ConnectorConfig config, LayerFactory layers)
        : base(nameof(AveragePooling))
    {
        _side = PatchGrid.Side(config.NumQueryTokens);
        _readout = new Readout(config.EncoderHiddenSize, config.OutputHiddenSize, config.MlpDepth, layers);
        register_module("readout", _readout);
    }

    public override Tensor forward(Tensor features) =>
        _readout.forward(PatchGrid.ToTokens(functional.adaptive_avg_pool2d(PatchGrid.ToMap(features), _side)));
}
