using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Which model to caption with, and where.</summary>
public sealed record CaptionerOptions
{
    /// <summary>Folder name of the shipped model beside the program.</summary>
    public const string ShippedModelFolder = "captioner-model";

    /// <summary>
    /// Folder with config.json, tokenizer.json and model.safetensors: one that was trained here, or SmolVLM2 or Idefics3 as Hugging Face
    /// publishes them. The shipped model when not given.
    /// </summary>
    public string ModelDirectory { get; init; } = Path.Combine(AppContext.BaseDirectory, ShippedModelFolder);

    /// <summary>auto (CUDA where there is one), cpu, cuda or cuda:N.</summary>
    [RegularExpression("^(auto|cpu|cuda(:[0-9]+)?)$")]
    public string Device { get; init; } = "auto";

    /// <summary>Type of a published checkpoint's weights: auto, float32, bfloat16 or float16. Ignored by models trained here.</summary>
    [RegularExpression("^(auto|float32|bfloat16|float16)$")]
    public string Precision { get; init; } = "auto";

    /// <summary>What a published checkpoint is asked about each clip. Ignored by models trained here.</summary>
    [Required]
    public string Prompt { get; init; } = "Describe in one sentence what happens in the video.";

    /// <summary>Longest answer of a published checkpoint. Ignored by models trained here.</summary>
    [Range(1, 1024)]
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>
    /// Clips in one forward pass. Fewer are filled up: matrix products round by their shape, and only a fixed shape makes the
    /// confidence of a clip, to its last digit, independent of what else is captioned. A second clip costs next to nothing on a CPU;
    /// a GPU likes 32 and more.
    /// </summary>
    [Range(1, 256)]
    public int BatchSize { get; init; } = 2;

    /// <summary>Clips that may wait; callers beyond it wait themselves.</summary>
    [Range(1, 65536)]
    public int QueueCapacity { get; init; } = 64;
}
