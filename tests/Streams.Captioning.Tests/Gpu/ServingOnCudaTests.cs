using Streams.Captioning.Tests.Families.SmolVlm;
using Streams.Captioning.Tests.Pipeline;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Gpu;

/// <summary>What cameras get from a GPU.</summary>
public sealed class ServingOnCudaTests
{
    [CudaFact]
    public async Task Caption_ShippedModel_AsOnTheCpu()
    {
        var clips = Enumerable.Range(0, 24).Select(i => TorchCaptionerTests.Clip(ClipScenes.Create(77, i))).ToList();

        var cpu = await CaptionAllAsync(new CaptionerOptions { Device = "cpu" }, clips);
        var gpu = await CaptionAllAsync(new CaptionerOptions { Device = "cuda" }, clips);

        Assert.Equal(cpu.Select(caption => caption.Text), gpu.Select(caption => caption.Text));
    }

    [CudaFact]
    public async Task Caption_ManyAtOnceOrOneByOne_TheSameToTheLastBit()
    {
        var clips = Enumerable.Range(0, 24).Select(i => TorchCaptionerTests.Clip(ClipScenes.Create(78, i))).ToList();
        using var folder = PublishedFolder.Smol256(visionLayers: 2, textLayers: 3);
        foreach (var options in new[] { new CaptionerOptions { Device = "cuda", BatchSize = 16 }, new CaptionerOptions { Device = "cuda", BatchSize = 16, ModelDirectory = folder.Path, MaxNewTokens = 12 } })
        {
            await using var captioner = await TorchCaptioner.LoadAsync(options);
            var together = await Task.WhenAll(clips.Select((clip, i) => captioner.CaptionAsync($"{i % 5}", clip, TestContext.Current.CancellationToken).AsTask()));
            foreach (var (clip, expected) in clips.Zip(together).Take(6))
            {
                Assert.Equal(expected, await captioner.CaptionAsync("alone", clip, TestContext.Current.CancellationToken));
            }
        }
    }

    [CudaFact]
    public async Task Caption_WithGraphsOrWithout_TheSame()
    {
        var clips = Enumerable.Range(0, 12).Select(i => TorchCaptionerTests.Clip(ClipScenes.Create(79, i))).ToList();

        var recorded = await CaptionAllAsync(new CaptionerOptions { Device = "cuda" }, clips);
        var sent = await CaptionAllAsync(new CaptionerOptions { Device = "cuda", CudaGraphs = false }, clips);

        Assert.Equal(recorded, sent);
    }

    private static async Task<GeneratedCaption[]> CaptionAllAsync(CaptionerOptions options, IReadOnlyList<IReadOnlyList<RgbFrame>> clips)
    {
        await using var captioner = await TorchCaptioner.LoadAsync(options);
        return await Task.WhenAll(clips.Select((clip, i) => captioner.CaptionAsync($"{i % 3}", clip, TestContext.Current.CancellationToken).AsTask()));
    }
}
