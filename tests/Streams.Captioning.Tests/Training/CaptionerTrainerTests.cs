using System.Collections.Concurrent;
using Streams.Captioning.Tests.Clips;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Training;

namespace Streams.Captioning.Tests.Training;

public sealed class CaptionerTrainerTests
{
    private static readonly CaptionerTrainingOptions Short = new()
    {
        OutputDirectory = "",
        VisionSteps = 2,
        ImageSteps = 2,
        ClipSteps = 4,
        ImagesPerStep = 4,
        ClipsPerStep = 2,
        AccumulationBatches = 2,
        SaveEverySteps = 2,
        EvaluationClips = 2,
        EvaluationSize = 48,
    };

    private readonly H264ClipCodec _codec = H264ClipCodec.Create();

    [Fact]
    public async Task TrainAsync_VisionStage_LearnsToTellShapesApart()
    {
        using var folder = new TemporaryFolder();
        var progress = new Reports();
        var options = new CaptionerTrainingOptions { OutputDirectory = folder.Path, VisionSteps = 900, ImageSteps = 0, ClipSteps = 0, EvaluationClips = 0 };

        await CaptionerTrainer.TrainAsync(options, _codec, progress, TestContext.Current.CancellationToken);

        // Five shapes or a sign: guessing the commonest is right on a fifth of the covered patches. These 90 seconds of a core reach .44, 3,000 steps .86.
        Assert.InRange(progress.All.Last(report => report.Stage == "vision").Measure!.Value, 0.38, 1);
    }

    [Fact]
    public async Task TrainAsync_InterruptedAndResumed_SameModelAndCurve()
    {
        using var whole = new TemporaryFolder();
        using var parts = new TemporaryFolder();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var progress = new Reports();
        var interrupting = new Reports();
        interrupting.OnReport = report => (report is { Stage: "clip", Step: 2 } ? source : null)?.Cancel();

        await CaptionerTrainer.TrainAsync(Short with { OutputDirectory = whole.Path }, _codec, progress, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CaptionerTrainer.TrainAsync(Short with { OutputDirectory = parts.Path }, _codec, interrupting, source.Token));
        await CaptionerTrainer.TrainAsync(Short with { OutputDirectory = parts.Path, Resume = true }, _codec, null, TestContext.Current.CancellationToken);

        Assert.Equal(["vision", "image", "clip"], progress.All.Select(report => report.Stage).Distinct());
        Assert.Equal(await Bytes(whole, "model.safetensors"), await Bytes(parts, "model.safetensors"));
        Assert.Equal(await Bytes(whole, "training.csv"), await Bytes(parts, "training.csv"));
        Assert.False(Directory.Exists(Path.Combine(parts.Path, "checkpoint")));
    }

    [Fact]
    public async Task TrainAsync_ResumeWithoutOrOfAnotherTraining_SaysSo()
    {
        using var folder = new TemporaryFolder();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var options = Short with { OutputDirectory = folder.Path };

        var none = await Assert.ThrowsAsync<CheckpointException>(() => CaptionerTrainer.TrainAsync(options with { Resume = true }, _codec, null, TestContext.Current.CancellationToken));
        var interrupting = new Reports { OnReport = report => (report is { Stage: "clip", Step: 2 } ? source : null)?.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CaptionerTrainer.TrainAsync(options, _codec, interrupting, source.Token));
        var other = await Assert.ThrowsAsync<CheckpointException>(() => CaptionerTrainer.TrainAsync(options with { Resume = true, Seed = 9 }, _codec, null, TestContext.Current.CancellationToken));

        Assert.Contains("no interrupted training", none.Message, StringComparison.Ordinal);
        Assert.Contains("Seed = 1", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrainAsync_Cancelled_Stops()
    {
        using var folder = new TemporaryFolder();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var options = new CaptionerTrainingOptions { OutputDirectory = folder.Path, ImagesPerStep = 2, VisionSteps = 1_000_000 };
        var progress = new Reports { OnReport = _ => source.Cancel() };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CaptionerTrainer.TrainAsync(options, _codec, progress, source.Token));
    }

    private static Task<byte[]> Bytes(TemporaryFolder folder, string file) =>
        File.ReadAllBytesAsync(Path.Combine(folder.Path, file), TestContext.Current.CancellationToken);

    private sealed class Reports : IProgress<TrainingProgress>
    {
        public ConcurrentQueue<TrainingProgress> All { get; } = new();

        public Action<TrainingProgress>? OnReport { get; set; }

        public void Report(TrainingProgress value)
        {
            All.Enqueue(value);
            OnReport?.Invoke(value);
        }
    }
}
