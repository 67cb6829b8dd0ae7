using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>The feed-forward of a sparse layer, under the name that Mixtral's checkpoints give it.</summary>
internal sealed class SparseMlp : Module
{
    private readonly MixtureOfExperts _experts;

    public SparseMlp(TextConfig config, LayerFactory layers)
        : base(nameof(SparseMlp))
    {
        _experts = new MixtureOfExperts(config, layers);
        register_module("block_sparse_moe", _experts);
    }

    public Tensor Apply(Tensor hidden, DecoderTrace? trace)
    {
        var (output, logits) = _experts.forward(hidden);
        trace?.RouterLogits.Add(logits);
        return output;
    }
}

/// <summary>
/// A mixture of SwiGLU experts: a linear router, the best few experts a token, their weights renormalised to sum to 1 (GShard,
/// arXiv 2006.16668; ST-MoE, arXiv 2202.08906). No token is dropped.
/// </summary>
internal sealed class MixtureOfExperts : Module<Tensor, (Tensor Output, Tensor Logits)>
{
    private readonly int _chosen;
    private readonly Linear _gate;
    private readonly List<LlamaMlp> _experts = [];

    public MixtureOfExperts(TextConfig config, LayerFactory layers)
        : base(nameof(MixtureOfExperts))
    {
        _chosen = config.NumExpertsPerTok;
        _gate = layers.Linear(config.HiddenSize, config.NumLocalExperts, bias: false);
        _experts.AddRange(Enumerable.Range(0, config.NumLocalExperts).Select(_ => new LlamaMlp(config, layers, "w1", "w3", "w2")));
        register_module("gate", _gate);
        register_module("experts", ModuleList(_experts.ToArray()));
    }

    /// <summary>Hidden states (B, N, D) mixed, and the router's logits (B N, experts).</summary>
    public override (Tensor Output, Tensor Logits) forward(Tensor hidden)
    {
        var tokens = hidden.reshape(-1, hidden.size(-1));
        var logits = _gate.forward(tokens);
        var (weights, chosen) = Route(logits, _chosen);
        var output = zeros_like(tokens);
        for (var i = 0; i < _experts.Count; i++)
        {
            var places = (chosen == Scalars.Of(i)).nonzero();
            if (places.size(0) == 0)
            {
                continue;
            }

            var (rows, slots) = (places.select(1, 0), places.select(1, 1));
            var share = weights.index([TensorIndex.Tensor(rows), TensorIndex.Tensor(slots)]).unsqueeze(1).to(tokens.dtype);
            output = output.index_add(0, rows, _experts[i].forward(tokens.index_select(0, rows)) * share, Scalars.One);
        }

        return (output.view(hidden.shape), logits);
    }

    /// <summary>Weights and numbers of the experts of each token, best first: both (tokens, <paramref name="chosen"/>).</summary>
    internal static (Tensor Weights, Tensor Experts) Route(Tensor logits, int chosen)
    {
        var (weights, experts) = logits.softmax(-1, ScalarType.Float32).topk(chosen, -1);
        return (weights / weights.sum(-1, keepdim: true), experts);
    }
}
