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

    /// <summary>Vectors (N, D) or (B, N, D) of ids (N) or (B, N).</summary>
    public override Tensor forward(Tensor ids)
    {
        var rows = Weight.index_select(0, ids.reshape(-1));
        return ids.dim() == 1 ? rows : rows.view(ids.size(0), ids.size(1), Weight.size(1));
    }
}
