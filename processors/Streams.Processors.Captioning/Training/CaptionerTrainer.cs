using System.Text.Json;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Evaluation;
using TorchSharp;

namespace Streams.Processors.Captioning.Training;

/// <summary>Trains the captioner from rendered scenes: patch labels, then still pictures, then clips.</summary>
public static class CaptionerTrainer
{
    /// <summary>Trains on a thread of its own, writes the model folder and gives its metrics (also written, as metrics.json).</summary>
    public static Task<CaptionerMetrics> TrainAsync(
        CaptionerTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(
            () => Train(options, progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static CaptionerMetrics Train(CaptionerTrainingOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        // More threads make tensors this small slower, and many times slower on busy cores.
        torch.set_num_threads(1);
        using var run = new TrainingRun(options, progress);
        run.TrainVision(cancellationToken);
        run.TrainImages(cancellationToken);
        run.TrainClips(cancellationToken);
        run.Save(options.OutputDirectory);
        var metrics = run.Evaluate(cancellationToken);
        var path = Path.Combine(options.OutputDirectory, ModelFolder.MetricsFile);
        File.WriteAllText(path, JsonSerializer.Serialize(new { options.Seed, options.VisionSteps, options.ImageSteps, options.ClipSteps, metrics }, ModelFolder.Json) + "\n");
        return metrics;
    }
}
