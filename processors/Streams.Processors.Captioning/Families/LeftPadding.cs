using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Families;

/// <summary>Prompts of different lengths as one batch.</summary>
internal static class LeftPadding
{
    /// <summary>Embeddings (1, N, D) each, stacked to (B, longest, D) with zeros before the shorter ones, and the mask (B, longest); no mask when all are as long.</summary>
    public static (Tensor Embeddings, Tensor? Mask) Stack(IReadOnlyList<Tensor> prompts)
    {
        var longest = prompts.Max(prompt => prompt.size(1));
        if (prompts.All(prompt => prompt.size(1) == longest))
        {
            return (cat([.. prompts], 0), null);
        }

        var padded = prompts.Select(prompt => nn.functional.pad(prompt, [0, 0, longest - prompt.size(1), 0])).ToList();
        var mask = prompts.Select(prompt => (arange(Scalars.Zero, Scalars.Of(longest), Scalars.One, device: prompt.device) >= Scalars.Of(longest - prompt.size(1))).unsqueeze(0)).ToList();
        return (cat(padded, 0), cat(mask, 0).to(ScalarType.Int64));
    }
}
