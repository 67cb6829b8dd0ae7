using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.Captioning.Training;

/// <summary>How to train the captioner. The shipped model's README has the two commands that made it.</summary>
public sealed record CaptionerTrainingOptions
{
    /// <summary>Folder that the model is written to; created when missing.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Model folder to go on from; null starts from random weights.</summary>
    public string? StartFrom { get; init; }

    /// <summary>Go on with an interrupted training of <see cref="OutputDirectory"/>, as if it had not been interrupted.</summary>
    public bool Resume { get; init; }

    /// <summary>Seed of weights and scenes. The same seed on the same machine gives the same model.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Steps of the encoder alone on patch labels.</summary>
    [Range(0, 10_000_000)]
    public int VisionSteps { get; init; } = 3000;

    /// <summary>Steps on captions of still pictures with positions.</summary>
    [Range(0, 10_000_000)]
    public int ImageSteps { get; init; } = 3000;

    /// <summary>Steps on clips.</summary>
    [Range(0, 10_000_000)]
    public int ClipSteps { get; init; } = 20_000;

    /// <summary>Pictures in a batch of the first two stages.</summary>
    [Range(1, 4096)]
    public int ImagesPerStep { get; init; } = 48;

    /// <summary>Clips in a batch of the last stage.</summary>
    [Range(1, 4096)]
    public int ClipsPerStep { get; init; } = 16;

    /// <summary>Share of the last stage's batches that are still pictures, so that reading places is not forgotten.</summary>
    [Range(0, 1)]
    public double ImageShare { get; init; } = 0.1;

    /// <summary>Share of the scenes with one description that are drawn in a colour that has no name, and captioned without.</summary>
    [Range(0, 1)]
    public double RecolouredShare { get; init; } = 0.3;

    /// <summary>Share of the scenes with one description that are drawn in an outline that has no name and any named colour, and captioned without the shape.</summary>
    [Range(0, 1)]
    public double ReshapedShare { get; init; } = 0.2;

    /// <summary>Batches whose gradients are added up for a step.</summary>
    [Range(1, 1024)]
    public int AccumulationBatches { get; init; } = 1;

    /// <summary>Highest learning rate of the first two stages.</summary>
    [Range(1e-6, 1)]
    public double ImageRate { get; init; } = 2e-3;

    /// <summary>Highest learning rate of the clip stage; lower it when going on from a trained model.</summary>
    [Range(1e-6, 1)]
    public double ClipRate { get; init; } = 1.5e-3;

    /// <summary>Steps from one saved state to the next; what <see cref="Resume"/> goes on from.</summary>
    [Range(1, 10_000_000)]
    public int SaveEverySteps { get; init; } = 500;

    /// <summary>Clips in each set of the final evaluation.</summary>
    [Range(0, 100_000)]
    public int EvaluationClips { get; init; } = 1000;

    /// <summary>Pixels a side of the films that it is evaluated on.</summary>
    [Range(16, 1024)]
    public int EvaluationSize { get; init; } = 192;

    /// <summary>Version that the model carries.</summary>
    public string ModelVersion { get; init; } = "1";

    /// <summary>What must be the same for a training to be gone on with.</summary>
    internal CaptionerTrainingOptions Identity => this with
    {
        OutputDirectory = "",
        Resume = false,
        SaveEverySteps = 1,
        EvaluationClips = 0,
        EvaluationSize = 16,
    };
}
