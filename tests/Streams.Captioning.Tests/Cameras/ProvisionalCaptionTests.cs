using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Clips;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;
using static Streams.Captioning.Tests.Cameras.Feed;

namespace Streams.Captioning.Tests.Cameras;

public sealed class ProvisionalCaptionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public async Task ApplyAsync_Provisional_HalfAndWholeUnderOneClipNumberAndFinalsAsWithout(int framesOfARecord)
    {
        var records = Enumerable.Range(0, 40).Select(i => SceneRenderer.RenderFrame(Moving, i % 8, 64, Start.AddSeconds(i))).Chunk(framesOfARecord)
            .Select((frames, i) => new InputRecord(3, 100 + i, Start, EventTypes.VideoFrame, RgbFrameCodec.Encode(frames)))
            .Append(new InputRecord(3, 500, Start, EventTypes.VideoEnd, default)).ToList();
        var options = new CaptioningOptions { Provisional = true };

        var plain = await Create().ApplyAsync(records, TestContext.Current.CancellationToken);
        var output = await Create(options).ApplyAsync(records, TestContext.Current.CancellationToken);

        var captions = output.Results.Zip(output.Captions(), (draft, caption) => (draft, Caption: caption)).ToList();
        var finals = captions.Where(entry => entry.Caption.Provisional is null).ToList();
        var halves = captions.Where(entry => entry.Caption.Provisional == true).ToList();
        Assert.Equal(
            plain.Results.Zip(plain.Captions(), (draft, caption) => (draft.Offset, caption.Text)), finals.Select(entry => (entry.draft.Offset, entry.Caption.Text)));
        Assert.Equal(Enumerable.Range(0, 5).Select(i => (long?)i), finals.Select(entry => entry.Caption.Clip));
        Assert.Equal(framesOfARecord == 20 ? 1 : 5, halves.Count);
        Assert.All(halves, half =>
        {
            var whole = finals.Single(entry => entry.Caption.Clip == half.Caption.Clip);
            Assert.Equal((4, whole.Caption.Start), (half.Caption.Frames, half.Caption.Start));
            Assert.True(half.draft.Time < whole.draft.Time);
            Assert.True(half.draft.Offset < whole.draft.Offset);
        });
        // Numbers of results within a record: the finals have the first ones, as without.
        Assert.All(captions.GroupBy(entry => entry.draft.Offset, entry => entry.Caption.Provisional), record => Assert.DoesNotContain(null, record.SkipWhile(mark => mark is null)));
        Assert.Equal(output.Results.Select(Line), await OneByOneAsync(options, records));
    }

    [Fact]
    public async Task ApplyAsync_ProvisionalOfAStillScene_IsNotPublished()
    {
        var records = Enumerable.Range(0, 24).Select(i => Record(i, Noisy(i))).ToList();

        var output = await Create(new CaptioningOptions { Provisional = true }).ApplyAsync(records, TestContext.Current.CancellationToken);

        Assert.Equal([(true, 0L), (null, 0L), (null, 1L), (null, 2L)], output.Captions().Select(caption => (caption.Provisional, caption.Clip!.Value)));
    }

    private static IRecordProcessor Create(CaptioningOptions? options = null) => new CaptioningProcessorFactory(new HashingCaptioner(), options).Create("gate", null);
}
