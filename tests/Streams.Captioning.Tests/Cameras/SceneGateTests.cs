using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Clips;
using Streams.Schemas.Processing;
using static Streams.Captioning.Tests.Cameras.Feed;

namespace Streams.Captioning.Tests.Cameras;

public sealed class SceneGateTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(3)]
    public async Task ApplyAsync_NothingChanges_CaptionsOnceAndSaysSo(int hop)
    {
        var captioner = new HashingCaptioner();
        var records = Enumerable.Range(0, 40).Select(i => Record(i, Noisy(i))).ToList();
        var options = new CaptioningOptions { Hop = hop };
        var processor = new CaptioningProcessorFactory(captioner, options).Create("gate", null);

        var output = await processor.ApplyAsync(records, TestContext.Current.CancellationToken);

        var captions = output.Captions();
        Assert.Equal(1, captioner.Calls);
        Assert.Equal([null, .. Enumerable.Repeat<bool?>(true, captions.Count - 1)], captions.Select(caption => caption.Unchanged));
        Assert.Single(captions.Select(caption => (caption.Text, caption.Confidence, caption.Model)).Distinct());
        Assert.Equal(captions.Select(caption => caption.Start).Order(), captions.Select(caption => caption.Start));
        Assert.DoesNotContain("unchanged", Line(output.Results[0]), StringComparison.Ordinal);
        Assert.Equal(output.Results.Select(Line), await OneByOneAsync(options, records));
    }

    [Fact]
    public async Task ApplyAsync_SomethingSmallChangesAndStays_IsCaptionedAndThenStillAgain()
    {
        // A light of a thousandth of the picture, on from the 25th frame on: the clip of the change, then the one that is still again.
        var records = Enumerable.Range(0, 56).Select(i => Record(i, i < 25 ? Noisy(i) : Lit(Noisy(i)))).ToList();

        var output = await Create().ApplyAsync(records, TestContext.Current.CancellationToken);

        Assert.Equal([null, true, true, null, null, true, true], output.Captions().Select(caption => caption.Unchanged));
    }

    [Fact]
    public async Task ApplyAsync_SlowDrift_AddsUpToAChange()
    {
        var records = Enumerable.Range(0, 160).Select(i => Record(i, Solid((byte)(100 + (i / 16)), i))).ToList();

        var output = await Create().ApplyAsync(records, TestContext.Current.CancellationToken);

        Assert.Equal(2, output.Captions().Count(caption => caption.Unchanged is null));
    }

    [Fact]
    public async Task ApplyAsync_SameMotionAgain_IsCaptionedEachTime()
    {
        var records = Enumerable.Range(0, 24).Select(i => Record(i, SceneRenderer.RenderFrame(Moving, i % 8, 64, Start.AddSeconds(i)))).ToList();

        var output = await Create().ApplyAsync(records, TestContext.Current.CancellationToken);

        Assert.All(output.Captions(), caption => Assert.Null(caption.Unchanged));
    }

    [Fact]
    public async Task ApplyAsync_LightChangesAndTheEncoderSaysTheSame_IsUnchangedAlsoAfterARestart()
    {
        var options = new CaptioningOptions { SceneSimilarity = 0.95 };
        var lighter = Enumerable.Range(0, 24).Select(i => Record(i, Solid((byte)(i < 8 ? 100 : 130), i)));
        List<InputRecord> records = [.. lighter, .. Enumerable.Range(24, 8).Select(i => Record(i, Lit(Solid(100, i))))];

        var output = await Create(options).ApplyAsync(records, TestContext.Current.CancellationToken);

        Assert.Equal([null, true, true, null], output.Captions().Select(caption => caption.Unchanged));
        Assert.Equal(output.Results.Select(Line), await OneByOneAsync(options, records));
    }

    [Fact]
    public async Task ApplyAsync_AnotherModelAfterARestart_IsAskedAgain()
    {
        var first = Create();
        await first.ApplyAsync([.. Enumerable.Range(0, 8).Select(i => Record(i, Noisy(i)))], TestContext.Current.CancellationToken);
        var captioner = new HashingCaptioner("hash 2");
        var second = new CaptioningProcessorFactory(captioner).Create("gate", first.SaveState());

        await second.ApplyAsync([.. Enumerable.Range(8, 8).Select(i => Record(i, Noisy(i)))], TestContext.Current.CancellationToken);

        Assert.Equal(1, captioner.Calls);
    }

    private static IRecordProcessor Create(CaptioningOptions? options = null) => new CaptioningProcessorFactory(new HashingCaptioner(), options).Create("gate", null);
}
