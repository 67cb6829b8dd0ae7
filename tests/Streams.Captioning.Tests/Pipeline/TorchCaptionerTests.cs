using Microsoft.Extensions.Time.Testing;
using Streams.Captioning.Tests.Families.SmolVlm;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Pipeline;

public sealed class TorchCaptionerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task CaptionAsync_AloneOrAmongOthersInAnyOrder_SameTextAndConfidence(int batchSize)
    {
        var clips = Enumerable.Range(0, 11).Select(index => Clip(ClipScenes.Create(77, index))).ToList();
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu", BatchSize = batchSize });
        var alone = new List<GeneratedCaption>();
        foreach (var clip in clips)
        {
            alone.Add(await captioner.CaptionAsync(clip, TestContext.Current.CancellationToken));
        }

        var together = await Task.WhenAll(clips.Select(clip => captioner.CaptionAsync(clip, TestContext.Current.CancellationToken).AsTask()));
        var reversed = await Task.WhenAll(clips.AsEnumerable().Reverse().Select(clip => captioner.CaptionAsync(clip, TestContext.Current.CancellationToken).AsTask()));

        Assert.Equal(alone, together);
        Assert.Equal(alone, reversed.Reverse());
    }

    [Fact]
    public async Task CaptionAsync_ShortClip_EqualsItsLastFrameRepeated()
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var clip = Clip(ClipScenes.Create(77, 3));

        var shortened = await captioner.CaptionAsync(clip[..3], TestContext.Current.CancellationToken);
        var filled = await captioner.CaptionAsync([.. clip[..3], clip[2], clip[2], clip[2], clip[2], clip[2]], TestContext.Current.CancellationToken);

        Assert.Equal(filled, shortened);
    }

    [Fact]
    public async Task CaptionAsync_Cancelled_ThrowsAndOthersGoOn()
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var clip = Clip(ClipScenes.Create(77, 3));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await captioner.CaptionAsync(clip, new CancellationToken(canceled: true)));

        Assert.NotEmpty((await captioner.CaptionAsync(clip, TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task CaptionAsync_DeadlinePasses_SaysSoAndTheSameClipCanBeAskedForAgain()
    {
        var time = new FakeTimeProvider();
        var options = new CaptionerOptions { Device = "cpu", QueueCapacity = 1, Deadline = TimeSpan.FromSeconds(5) };
        await using var captioner = await TorchCaptioner.LoadAsync(options, time);
        var clip = Clip(ClipScenes.Create(77, 3));
        // One at a time, so that the last has seconds to go when time goes on.
        var asked = Enumerable.Range(0, 200).Select(_ => captioner.CaptionAsync("gate", clip, TestContext.Current.CancellationToken).AsTask()).ToList();
        time.Advance(TimeSpan.FromSeconds(5));

        var error = await Assert.ThrowsAsync<CaptionDeadlineException>(() => asked[^1]);

        Assert.Contains("00:00:05", error.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<TimeoutException>(error); // which the pipeline repeats
        Assert.NotEmpty((await captioner.CaptionAsync("gate", clip, TestContext.Current.CancellationToken)).Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10_000)]
    public async Task CaptionAsync_ClipOfAnyLength_IsBroughtToTheModelsFrames(int frames)
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var clip = Clip(ClipScenes.Create(77, 3));
        var chosen = frames == 1 ? Enumerable.Repeat(clip[0], 8).ToList() : clip;

        // Of the long one the model sees each eighth's first frame.
        var caption = await captioner.CaptionAsync([.. Enumerable.Range(0, frames).Select(i => clip[i * 8 / frames])], TestContext.Current.CancellationToken);

        Assert.Equal(await captioner.CaptionAsync(chosen, TestContext.Current.CancellationToken), caption);
    }

    [Fact]
    public async Task CaptionAsync_NoFrames_IsRefusedAndOthersGoOn()
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await captioner.CaptionAsync([], TestContext.Current.CancellationToken));

        Assert.NotEmpty((await captioner.CaptionAsync(Clip(ClipScenes.Create(77, 3)), TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task CaptionAsync_PromptLongerThanASlotOrTheContext_IsRefusedAndOthersGoOn()
    {
        using var folder = PublishedFolder.Tiny();
        var clip = Clip(ClipScenes.Create(77, 3), 32);
        var options = new CaptionerOptions { ModelDirectory = folder.Path, Device = "cpu", MaxNewTokens = 4, Prompt = "What?" };
        using (var session = new CheckpointSession(options, TorchSharp.torch.CPU))
        {
            options = options with { ContextTokens = session.Prepare(clip).Ids.Count + 3 };
        }

        await using var captioner = await TorchCaptioner.LoadAsync(options);
        await using var talkative = await TorchCaptioner.LoadAsync(options with { Prompt = new string('x', 600) });

        await Assert.ThrowsAsync<PromptTooLongException>(async () => await talkative.CaptionAsync(clip, TestContext.Current.CancellationToken));
        var error = await Assert.ThrowsAsync<CacheBudgetException>(async () => await captioner.CaptionAsync(clip, TestContext.Current.CancellationToken));

        var expected = $"take {options.ContextTokens + 1} tokens, a slot of the key-value cache holds {options.ContextTokens}";
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal("smolvlm", (await captioner.CaptionAsync(clip[..1], TestContext.Current.CancellationToken)).Model.Split(' ')[0]);
    }

    [Fact]
    public async Task EmbedAsync_SameFrameAndAnother_AreAlikeAndNot()
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var (one, other) = (Clip(ClipScenes.Create(77, 3)), Clip(ClipScenes.Create(77, 4)));
        var scene = await captioner.EmbedAsync("", [one[0]], TestContext.Current.CancellationToken);
        var alike = await captioner.EmbedAsync("", [one[0]], TestContext.Current.CancellationToken);
        var unlike = await captioner.EmbedAsync("", other, TestContext.Current.CancellationToken);
        scene = scene! with { Values = [.. scene.Values.Take(scene.Values.Count / scene.Images)] };

        Assert.Equal(1, alike!.LeastSimilarity(scene), 1e-6);
        Assert.InRange(unlike!.LeastSimilarity(scene), -1, 0.9);
    }

    [Fact]
    public async Task CaptionAsync_TwoDevices_TwoBatchersAndTheSameCaptions()
    {
        var clips = Enumerable.Range(0, 6).Select(index => Clip(ClipScenes.Create(77, index))).ToList();
        await using var one = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        await using var two = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu,cpu" });
        async Task<GeneratedCaption[]> RunAsync(TorchCaptioner captioner) =>
            await Task.WhenAll(clips.Select((clip, i) => captioner.CaptionAsync($"camera {i}", clip, TestContext.Current.CancellationToken).AsTask()));

        Assert.Equal(await RunAsync(one), await RunAsync(two));
        Assert.Equal("cpu, cpu", two.Model.Device);
    }

    [Fact]
    public async Task CaptionAsync_ManyClips_MemoryStaysFlat()
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu", BatchSize = 8 });
        var clips = Enumerable.Range(0, 40).Select(index => Clip(ClipScenes.Create(78, index))).ToList();
        async Task RunAll() => await Task.WhenAll(clips.Select(clip => captioner.CaptionAsync(clip, TestContext.Current.CancellationToken).AsTask()));
        await RunAll();
        var before = Environment.WorkingSet;

        for (var round = 0; round < 5; round++)
        {
            await RunAll();
        }

        // Each clip makes some 20 MB of intermediate tensors: 200 clips without scopes would hold 4 GB.
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 100_000_000);
    }

    [Fact]
    public async Task LoadAsync_NoFolder_NamesTheMissingFile()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => TorchCaptioner.LoadAsync(new CaptionerOptions { ModelDirectory = "/nowhere" }));

        Assert.Contains("/nowhere/config.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_CudaWithoutCuda_SaysWhatToDo()
    {
        Assert.SkipWhen(TorchSharp.torch.TryInitializeDeviceType(TorchSharp.DeviceType.CUDA), "this machine has CUDA");

        var error = await Assert.ThrowsAsync<DeviceNotAvailableException>(() => TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cuda:1" }));

        Assert.Contains("set the device to cpu or auto", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:x")]
    public void Resolve_UnknownDevice_ListsTheKnownOnes(string device) =>
        Assert.Contains("auto, cpu, cuda, cuda:N", Assert.Throws<ArgumentException>(() => TorchDevice.Resolve(device)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task LoadAsync_VocabularyOfAnotherTokenizer_NamesBothCounts()
    {
        using var folder = new TemporaryFolder();
        var source = new CaptionerOptions().ModelDirectory;
        var config = ModelFolder.ReadConfig(source);
        ModelFolder.Write(folder.Path, config with { TextConfig = config.TextConfig with { VocabSize = 7 } }, ModelFolder.ReadTokenizer(source), ModelFolder.ReadModel(source, config));

        var error = await Assert.ThrowsAsync<ModelConfigException>(() => TorchCaptioner.LoadAsync(new CaptionerOptions { ModelDirectory = folder.Path }));

        Assert.Contains("is 7", error.Message, StringComparison.Ordinal);
    }

    internal static List<RgbFrame> Clip(ClipScene scene, int size = 48) =>
        [.. Enumerable.Range(0, ClipScene.Ticks).Select(tick => SceneRenderer.RenderFrame(scene, tick, size))];
}
