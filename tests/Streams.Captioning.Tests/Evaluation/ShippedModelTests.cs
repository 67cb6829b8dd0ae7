using Streams.Captioning.Tests.Clips;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Pipeline;

namespace Streams.Captioning.Tests.Evaluation;

/// <summary>What the weights in the repository can do, on films that went through H.264.</summary>
public sealed class ShippedModelTests
{
    [Fact]
    public async Task EvaluateAsync_UnseenSeeds_PassesTheGates()
    {
        var codec = H264ClipCodec.Create();
        await using var captioner = await LoadAsync();

        var metrics = await CaptionerEvaluator.EvaluateAsync(captioner, clips: 256, size: 192, codec, cancellationToken: TestContext.Current.CancellationToken);

        Assert.InRange(metrics.Validation.Exact, 0.97, 1);
        Assert.All(metrics.Validation.Attributes, attribute => Assert.InRange(attribute.Value, 0.98, 1));
        Assert.InRange(metrics.HeldOut.Exact, 0.82, 1);

        // With time taken away, motion must be lost: what is left is to say "still" of everything, which is right for a quarter.
        Assert.InRange(metrics.OneFrame.Attributes["motion"], 0, 0.3);
    }

    [Fact]
    public async Task CaptionAsync_LargeAndCoarselyEncoded_StillRight()
    {
        const int Size = 384;
        const int Coarse = 28;
        var codec = H264ClipCodec.Create();
        await using var captioner = await LoadAsync();
        var scenes = Enumerable.Range(0, 64).Select(index => ClipScenes.Create(4242, index)).ToList();

        var films = ClipFilm.Take(scenes, Size, oneFrame: false, codec, Coarse, TestContext.Current.CancellationToken);
        var captions = await Task.WhenAll(films.Select(film => captioner.CaptionAsync(film, TestContext.Current.CancellationToken).AsTask()));

        var scores = scenes.Zip(captions, (scene, caption) => CaptionScorer.Score(scene.Caption, caption.Text)).ToList();
        Assert.InRange((double)scores.Sum(score => score.Right) / scores.Sum(score => score.Total), 0.97, 1);
        Assert.InRange((double)scores.Count(score => score.Exact) / scores.Count, 0.9, 1);
    }

    // A clip is cheaper in a large batch.
    private static Task<TorchCaptioner> LoadAsync() => TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu", BatchSize = 16 });
}
