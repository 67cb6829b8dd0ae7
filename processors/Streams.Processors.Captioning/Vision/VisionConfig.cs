using System.Text.Json.Serialization;

namespace Streams.Processors.Captioning.Vision;

/// <summary>An image encoder, with Hugging Face's field names; the fields of ours say in what CLIP and SigLIP differ.</summary>
internal sealed record VisionConfig
{
    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    public int NumChannels { get; init; } = 3;

    public required int ImageSize { get; init; }

    public required int PatchSize { get; init; }

    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>One of <see cref="Activations.Names"/>.</summary>
    public string HiddenAct { get; init; } = "quick_gelu";

    /// <summary>Channels of the 3x3 stride-2 convolutions that replace the linear patch embedding; empty for CLIP's own.</summary>
    public IReadOnlyList<int> StemChannels { get; init; } = [];

    /// <summary>CLIP has one; SigLIP and small models go without.</summary>
    public bool UseClassToken { get; init; } = true;

    /// <summary>Normalise the patch features too, as SigLIP does, not only the class token, as CLIP does.</summary>
    public bool NormalizePatches { get; init; }

    /// <summary>Normalise before the first layer, as CLIP does.</summary>
    public bool NormalizeEmbeddings { get; init; } = true;

    /// <summary>The patch embedding has a bias, as SigLIP's.</summary>
    public bool PatchBias { get; init; }

    /// <summary>
    /// Patches of a padded image take the position vector at their fraction of the image, as in NaViT (arXiv 2307.06304) and SmolVLM;
    /// else other sizes than the trained one get interpolated position vectors.
    /// </summary>
    public bool FractionalPositions { get; init; }

    [JsonIgnore]
    public int GridSize => ImageSize / PatchSize;

    /// <summary>SigLIP as SmolVLM and Idefics3 use it: what this configuration says of sizes, with SigLIP's structure.</summary>
    public VisionConfig AsSiglip() => this with
    {
        UseClassToken = false,
        NormalizePatches = true,
        NormalizeEmbeddings = false,
        PatchBias = true,
        FractionalPositions = true,
    };
}
