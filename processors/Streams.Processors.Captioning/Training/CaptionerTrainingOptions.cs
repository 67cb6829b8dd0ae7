using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.Captioning.Training;

/// <summary>How to train the captioner. The defaults are the first of the two runs that made the shipped model; its README has the second.</summary>
public sealed record CaptionerTrainingOptions
{
    /// <summary>Folder that the model is written to; created when missing.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Model folder to go on from; null starts from random weights.</summary>
    public string? StartFrom { get; init; }

    /// <summary>Seed of weights and scenes. The same seed on the same machine gives the same model.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Steps of the encoder alone on patch labels.</summary>
    [Range(0, 1_000_000)]
    public int VisionSteps { get; init; } = 1500;

    /// <summary>Steps on captions of still pictures with positions.</summary>
    [Range(0, 1_000_000)]
    public int ImageSteps { get; init; } = 1500;

    /// <summary>Steps on clips.</summary>
    [Range(0, 1_000_000)]
    public int ClipSteps { get; init; } = 7000;

    /// <summary>Pictures in a step of the first two stages.</summary>
    [Range(1, 4096)]
    public int ImagesPerStep { get; init; } = 64;

    /// <summary>Clips in a step of the last stage.</summary>
    [Range(1, 4096)]
    public int ClipsPerStep { get; init; } = 16;

    /// <summary>Highest learning rate of the clip stage; lower it when going on from a trained model.</summary>
    [Range(1e-6, 1)]
    public double ClipRate { get; init; } = 1.5e-3;

    /// <summary>Clips in each set of the final evaluation.</summary>
    [Range(0, 100_000)]
    public int EvaluationClips { get; init; } = 512;

    /// <summary>Version that the model carries.</summary>
    public string ModelVersion { get; init; } = "1";
}
