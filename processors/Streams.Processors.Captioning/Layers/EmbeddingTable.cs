using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Layers;

/// <summary>Vectors by number. Torch's own embedding keeps its weights in native code and draws them whether wanted or not.</summary>
internal sealed class EmbeddingTable : Module<Tensor, Tensor>
{
    public EmbeddingTable(Parameter weight)
        : base(nameof(EmbeddingTable))
    {
        Weight = weight;
        register_parameter("weight", Weight);
    }

    public Parameter Weight { get; }

    public override Tensor forward(Tensor ids) => Weight.index_select(0, ids.reshape(-1)).view([.. ids.shape, Weight.shape[1]]);
}
