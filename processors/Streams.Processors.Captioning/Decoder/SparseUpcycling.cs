using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>
/// Sparse upcycling (arXiv 2212.05055), as MM1 begins its mixtures: every expert starts as the dense feed-forward, the router at random.
/// With the weights of the chosen experts summing to 1, the mixture says at first exactly what the dense model says.
/// </summary>
internal static class SparseUpcycling
{
    private const double RouterDeviation = 0.02;

    private static readonly (string Dense, string Expert)[] Projections = [("gate_proj", "w1"), ("down_proj", "w2"), ("up_proj", "w3")];

    /// <summary>The tensors of a dense decoder's checkpoint, by name, as those of the mixture that <paramref name="config"/> describes.</summary>
    public static IReadOnlyDictionary<string, Tensor> FromDense(IReadOnlyDictionary<string, Tensor> dense, TextConfig config, int seed)
    {
        using var random = new Generator((ulong)seed);
        var sparse = new Dictionary<string, Tensor>(dense);
        for (var layer = 0; layer < config.NumHiddenLayers; layer++)
        {
            if (!config.IsSparse(layer))
            {
                continue;
            }

            var mlp = $"model.layers.{layer}.mlp";
            foreach (var (name, expertName) in Projections)
            {
                if (!sparse.Remove($"{mlp}.{name}.weight", out var weight))
                {
                    throw new ArgumentException($"tensor {mlp}.{name}.weight is missing; give the checkpoint of the dense decoder", nameof(dense));
                }

                for (var expert = 0; expert < config.NumLocalExperts; expert++)
                {
                    sparse[$"{mlp}.block_sparse_moe.experts.{expert}.{expertName}.weight"] = weight;
                }
            }

            sparse[$"{mlp}.block_sparse_moe.gate.weight"] = randn([config.NumLocalExperts, config.HiddenSize], generator: random) * Scalars.Of(RouterDeviation);
        }

        return sparse;
    }
}
