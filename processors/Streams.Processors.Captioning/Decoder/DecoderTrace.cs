using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>What a pass through the decoder leaves for losses and checks.</summary>
internal sealed class DecoderTrace
{
    /// <summary>Output of each layer.</summary>
    public List<Tensor> Hidden { get; } = [];

    /// <summary>Logits (tokens, experts) of the router of each sparse layer.</summary>
    public List<Tensor> RouterLogits { get; } = [];
}
