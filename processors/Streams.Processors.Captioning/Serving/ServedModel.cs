using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>A loaded model as a batcher runs it.</summary>
internal sealed record ServedModel
{
    /// <summary>What its figures are counted under.</summary>
    public required string Name { get; init; }

    public required VisionLanguageModel Model { get; init; }

    public required TextConfig Text { get; init; }

    /// <summary>Placeholder in a prompt that visual tokens replace.</summary>
    public required int ImageTokenId { get; init; }

    /// <summary>What ends an answer.</summary>
    public required IReadOnlyCollection<int> EndTokenIds { get; init; }

    /// <summary>Images of the encoder's size to normalised pixels (N, 3, H, W) on <see cref="Device"/>.</summary>
    public required Func<IReadOnlyList<RgbFrame>, Tensor> Pixels { get; init; }

    /// <summary>Pixels a side of those images.</summary>
    public required int ImageSize { get; init; }

    public required Device Device { get; init; }

    /// <summary>Type of the weights, and so of what is cached.</summary>
    public required ScalarType Type { get; init; }

    /// <summary>Prompt and answer that a slot holds, in tokens.</summary>
    public required int SlotTokens { get; init; }

    /// <summary>Images that may be encoded at once, ascending. Those that prove to give the same bits as the first are used.</summary>
    public required IReadOnlyList<int> EncodeSizes { get; init; }

    /// <summary>Length of every prompt, where all have the same: they are then prefilled together. Null: each by itself.</summary>
    public int? PromptTokens { get; init; }
}
