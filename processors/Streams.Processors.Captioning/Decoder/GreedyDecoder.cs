using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>Continues sequences by their likeliest tokens.</summary>
internal static class GreedyDecoder
{
    /// <summary>New tokens of each sequence with their log-probabilities, the end token last where it came.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="config">Its sizes.</param>
    /// <param name="embeddings">(B, N, D), shorter sequences padded on the left.</param>
    /// <param name="maxNewTokens">Longest continuation.</param>
    /// <param name="endTokens">What ends one.</param>
    /// <param name="attentionMask">(B, N), 0 for padding; null for none.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <exception cref="PromptTooLongException">Prompt and continuation do not fit the context.</exception>
    public static IReadOnlyList<(int Id, double LogProbability)[]> Decode(
        LlamaDecoder decoder, TextConfig config, Tensor embeddings, int maxNewTokens, IReadOnlyCollection<int> endTokens, Tensor? attentionMask = null, CancellationToken cancellation = default)
    {
        var length = embeddings.size(1) + maxNewTokens;
        if (length > config.MaxPositionEmbeddings)
        {
            throw new PromptTooLongException(length, config.MaxPositionEmbeddings);
        }

        using var scope = NewDisposeScope();
        var batch = (int)embeddings.size(0);
        var cache = new KeyValueCache(config, batch, (int)length, embeddings.device, embeddings.dtype);
        var outputs = Enumerable.Range(0, batch).Select(_ => new List<(int Id, double LogProbability)>()).ToArray();
        bool Ended(List<(int Id, double LogProbability)> output) => output.Count > 0 && endTokens.Contains(output[^1].Id);
        var (input, mask) = (embeddings, attentionMask);
        for (var step = 0; step < maxNewTokens; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var hidden = decoder.Hidden(input, cache, null, mask);
            var logits = decoder.Logits(hidden.select(1, hidden.size(1) - 1)).to(ScalarType.Float32);
            var (best, ids) = logits.log_softmax(-1).max(-1);
            var (probabilities, tokens) = (best.cpu().data<float>().ToArray(), ids.cpu().data<long>().ToArray());
            for (var i = 0; i < batch; i++)
            {
                if (!Ended(outputs[i]))
                {
                    outputs[i].Add(((int)tokens[i], probabilities[i]));
                }
            }

            if (outputs.All(Ended))
            {
                break;
            }

            input = decoder.Embed(ids.unsqueeze(1)).MoveToOuterDisposeScope();
            mask = mask is null ? null : cat([mask, ones_like(ids).to(mask.dtype).unsqueeze(1)], 1).MoveToOuterDisposeScope();
        }

        return [.. outputs.Select(output => output.ToArray())];
    }
}
