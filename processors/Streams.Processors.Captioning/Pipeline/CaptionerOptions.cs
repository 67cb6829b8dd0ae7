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

    /// <summary>
    /// auto (CUDA where there is one), cpu, cuda or cuda:N; several, with commas between, for as many batchers: each camera stays with one, so
    /// that its captions do not hang on where the others are.
    /// </summary>
    [RegularExpression("^(auto|cpu|cuda(:[0-9]+)?)(,(auto|cpu|cuda(:[0-9]+)?))*$")]
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Start: the host loads the model when it starts, and does not start with one that cannot be used. FirstClip: with the first clip, which waits for it;
    /// a host without cameras then has neither its libraries nor its weights in memory.
    /// </summary>
    [EnumDataType(typeof(CaptionerLoad))]
    public CaptionerLoad Load { get; init; } = CaptionerLoad.Start;

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
    /// Clips captioned together: slots of the key-value cache, if <see cref="CacheBytes"/> has room for so many. A GPU likes 32 and more.
    /// Captions do not depend on it.
    /// </summary>
    [Range(1, 256)]
    public int BatchSize { get; init; } = 8;

    /// <summary>Clips of one camera that may wait; callers beyond it wait themselves.</summary>
    [Range(1, 65536)]
    public int QueueCapacity { get; init; } = 64;

    /// <summary>Most bytes of keys and values on a device. Bounds the slots; below four of them sequences are decoded one by one.</summary>
    [Range(1 << 16, long.MaxValue)]
    public long CacheBytes { get; init; } = 512L << 20;

    /// <summary>
    /// Tokens of prompt and answer that a slot holds, at most what the model was trained for. Ignored by models trained here, whose prompts are
    /// all alike.
    /// </summary>
    [Range(16, 1 << 20)]
    public int ContextTokens { get; init; } = 2048;

    /// <summary>Bytes of visual tokens that are kept for frames that come again, as in clips that overlap. Zero: none.</summary>
    [Range(0, long.MaxValue)]
    public long EmbeddingCacheBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Work goes in batches of such sizes alone as give every clip the same bits whatever stands beside it, so that a replay gives the same captions.
    /// Off: in batches of any size, which can be faster, and near ties between two words may come out either way.
    /// </summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>
    /// On a GPU, decoding steps are recorded once and then sent as one (CUDA graphs), where the machine's libtorch has what this needs: sent kernel by kernel,
    /// a small step takes longer to send than to run.
    /// </summary>
    public bool CudaGraphs { get; init; } = true;

    /// <summary>
    /// On a GPU, a published checkpoint in bfloat16 goes through kernels of our own, compiled at start, where the machine's libtorch brings NVIDIA's compiler (NVRTC):
    /// each does in one pass over memory what torch does in several. Off, or without the compiler: torch's alone, with other last digits.
    /// </summary>
    public bool CudaKernels { get; init; } = true;

    /// <summary>
    /// How long a caption is waited for before the call fails with <see cref="Serving.CaptionDeadlineException"/>, which says nothing against the clip: the
    /// pipeline asks again. Zero: as long as it takes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Deadline { get; init; }
}
