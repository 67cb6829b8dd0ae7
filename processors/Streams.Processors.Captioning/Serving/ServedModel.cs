using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Schemas.Frames;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>A loaded model as a batcher runs it.</summary>
internal sealed record ServedModel
{
    private const int PromptAtMost = 256;

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

    /// <summary>Length of every prompt, where all have the same: they are then prefilled together.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>
    /// Prompts are filled up, behind their end, to a multiple of so many tokens, and those of one length prefilled together. Null: they stay as they are, and a
    /// length other than <see cref="PromptTokens"/> goes by itself.
    /// </summary>
    public int? PromptMultiple { get; init; }

    /// <summary>Batches have such sizes alone as give the same bits.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>Where sizes do not round alike, those that go with the largest are kept, not those that go with the smallest: an unfilled batch costs a GPU little.</summary>
    public bool LikesLargeBatches => Device.type == DeviceType.CUDA;

    /// <summary>
    /// Clips are prefilled before they have a slot: on a CPU, and for short prompts alone, whose keys and values are held beside those that the cache's budget
    /// counts.
    /// </summary>
    public bool PrefillsAhead => Device.type == DeviceType.CPU && PromptTokens <= PromptAtMost;

    /// <summary>Decoding steps wait for clips that the encoder has: see <see cref="JoinPolicy"/>. Null: on a GPU, where both share it.</summary>
    public bool? StepsWait { get; init; }

    /// <summary>Record decoding steps as CUDA graphs.</summary>
    public bool Graphs { get; init; }
}
