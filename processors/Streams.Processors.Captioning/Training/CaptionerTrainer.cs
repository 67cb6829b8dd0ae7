using System.Text.Json;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Pipeline;
using TorchSharp;

namespace Streams.Processors.Captioning.Training;

/// <summary>Trains the captioner from rendered scenes: patch labels, then still pictures, then clips.</summary>
public static class CaptionerTrainer
{
    /// <summary>
    /// Trains on a thread of its own, writes the model folder and gives its metrics (also written, as metrics.json) on films that went
    /// through <paramref name="codec"/>.
    /// </summary>
    /// <exception cref="CheckpointException">There is no training to resume, or it has other options.</exception>
    public static async Task<CaptionerMetrics> TrainAsync(
        CaptionerTrainingOptions options, IClipCodec codec, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await Task.Factory.StartNew(() => Train(options, codec, progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { ModelDirectory = options.OutputDirectory, Device = "cpu", BatchSize = 16 });
        var metrics = await CaptionerEvaluator.EvaluateAsync(captioner, options.EvaluationClips, options.EvaluationSize, codec, cancellationToken: cancellationToken);
        var path = Path.Combine(options.OutputDirectory, ModelFolder.MetricsFile);
        var json = JsonSerializer.Serialize(new { training = options with { OutputDirectory = "", StartFrom = Path.GetFileName(options.StartFrom), Resume = false }, metrics }, ModelFolder.Json);
        await File.WriteAllTextAsync(path, json + "\n", cancellationToken);
        return metrics;
    }

    private static void Train(CaptionerTrainingOptions options, IClipCodec codec, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        // More threads make tensors this small slower, and many times slower on busy cores.
        torch.set_num_threads(1);
        using var run = new TrainingRun(options, codec, progress);
        run.Train(cancellationToken);
    }
}
