namespace Streams.Processors.Captioning.Decoder;

/// <summary>A prompt and its answer need more tokens than the model was trained to hold.</summary>
/// <param name="tokens">Tokens wanted.</param>
/// <param name="limit">text_config.max_position_embeddings of the model.</param>
public sealed class PromptTooLongException(long tokens, int limit)
    : Exception($"{tokens} tokens are wanted, the model holds {limit} (text_config.max_position_embeddings); give fewer or smaller images, a shorter prompt or fewer new tokens")
{
    /// <summary>Tokens wanted.</summary>
    public long Tokens { get; } = tokens;

    /// <summary>Tokens that the model holds.</summary>
    public int Limit { get; } = limit;
}
