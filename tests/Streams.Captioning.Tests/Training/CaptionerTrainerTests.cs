using System.Collections.Concurrent;
using Streams.Processors.Captioning.Training;

namespace Streams.Captioning.Tests.Training;

public sealed class CaptionerTrainerTests
{
    [Fact]
    public async Task TrainAsync_VisionStage_LearnsToTellShapesApart()
    {
        using var folder = new TemporaryFolder();
        var progress = new Reports();
        var options = new CaptionerTrainingOptions { OutputDirectory = folder.Path, VisionSteps = 1500, ImageSteps = 0, ClipSteps = 0, EvaluationClips = 0 };

        await CaptionerTrainer.TrainAsync(options, progress, TestContext.Current.CancellationToken);

        // Six shapes or none: guessing the commonest is right on a fifth of the covered patches.
        Assert.InRange(progress.All.Last(report => report.Stage == "vision").Measure!.Value, 0.85, 1);
    }

    [Fact]
    public async Task TrainAsync_SameSeed_SameModelOfAllStages()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var options = new CaptionerTrainingOptions
        {
            OutputDirectory = first.Path,
            VisionSteps = 2,
            ImageSteps = 2,
            ClipSteps = 2,
            ImagesPerStep = 4,
            ClipsPerStep = 2,
            EvaluationClips = 2,
        };
        var progress = new Reports();

        await CaptionerTrainer.TrainAsync(options, progress, TestContext.Current.CancellationToken);
        await CaptionerTrainer.TrainAsync(options with { OutputDirectory = second.Path }, null, TestContext.Current.CancellationToken);

        Assert.Equal(["vision", "image", "clip"], progress.All.Select(report => report.Stage));
        Assert.Equal(await Bytes(first), await Bytes(second));
    }

    [Fact]
    public async Task TrainAsync_Cancelled_Stops()
    {
        using var folder = new TemporaryFolder();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var options = new CaptionerTrainingOptions { OutputDirectory = folder.Path, ImagesPerStep = 2, VisionSteps = 1_000_000 };
        var progress = new Reports { OnReport = source.Cancel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CaptionerTrainer.TrainAsync(options, progress, source.Token));
    }

    private static Task<byte[]> Bytes(TemporaryFolder folder) =>
        File.ReadAllBytesAsync(Path.Combine(folder.Path, "model.safetensors"), TestContext.Current.CancellationToken);

    private sealed class Reports : IProgress<TrainingProgress>
    {
        public ConcurrentQueue<TrainingProgress> All { get; } = new();

        public Action? OnReport { get; init; }

        public void Report(TrainingProgress value)
        {
            All.Enqueue(value);
            OnReport?.Invoke();
        }
    }
}
