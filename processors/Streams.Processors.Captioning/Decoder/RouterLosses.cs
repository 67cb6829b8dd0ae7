using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>What keeps the experts of a mixture evenly used and its router small.</summary>
internal static class RouterLosses
{
    /// <summary>
    /// The load-balancing loss of GShard and Switch (arXiv 2101.03961, equation 4) over all sparse layers: experts times the sum of
    /// share of tokens times mean probability, the shares summed over the choices of a token. 2 for an even load of two choices.
    /// </summary>
    /// <param name="logits">Router logits of each sparse layer, (tokens, experts).</param>
    /// <param name="chosen">Experts a token goes through.</param>
    /// <param name="mask">True for tokens that count, (B, N) of the batch; all when null.</param>
    public static Tensor LoadBalancing(IReadOnlyList<Tensor> logits, int chosen, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        var probabilities = cat([.. logits], 0).softmax(-1, ScalarType.Float32);
        var experts = probabilities.size(1);
        var picked = nn.functional.one_hot(probabilities.topk(chosen, -1).indexes, experts).to(ScalarType.Float32);
        if (mask is null)
        {
            return ((picked.mean([0]) * probabilities.mean([0], keepdim: true)).sum() * Scalars.Of(experts)).MoveToOuterDisposeScope();
        }

        var counted = mask.reshape(-1).to(ScalarType.Float32).repeat(logits.Count).unsqueeze(1);
        var shares = (picked * counted.unsqueeze(2)).sum([0L]) / counted.sum();
        var means = (probabilities * counted).sum([0L], keepdim: true) / counted.sum();
        return ((shares * means).sum() * Scalars.Of(experts)).MoveToOuterDisposeScope();
    }

    /// <summary>The router z-loss of ST-MoE (arXiv 2202.08906, equation 5): the mean squared log-sum-exp of the logits.</summary>
    public static Tensor ZLoss(IReadOnlyList<Tensor> logits) => cat([.. logits], 0).to(ScalarType.Float32).logsumexp(-1).Squared().mean();

    /// <summary>Both, weighted as <paramref name="config"/> says.</summary>
    public static Tensor Total(TextConfig config, IReadOnlyList<Tensor> logits, Tensor? mask = null) =>
        (LoadBalancing(logits, config.NumExpertsPerTok, mask) * Scalars.Of(config.RouterAuxLossCoef)).Plus(ZLoss(logits) * Scalars.Of(config.RouterZLossCoef));
}
