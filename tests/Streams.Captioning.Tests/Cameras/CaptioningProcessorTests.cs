using System.Text;
using SkiaSharp;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Clips;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Captioning.Tests.Cameras;

public sealed class CaptioningProcessorTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task ApplyAsync_EightFrames_OneCaptionTiedToTheRecordThatCompletedTheClip()
    {
        var processor = Create();

        var output = await processor.ApplyAsync(Frames(0, 11), TestContext.Current.CancellationToken);

        var draft = Assert.Single(output.Results);
        Assert.Empty(output.Rejections);
        Assert.Equal((3, 107L), (draft.Partition, draft.Offset));
        Assert.Equal((Topics.VideoCaptions, EventTypes.VideoCaption), (draft.Topic, draft.Type));
        var caption = ResultJson.Deserialize<Caption>(draft.Data);
        Assert.Equal(("gate", 8, 0.5, "hash 1"), (caption.Camera, caption.Frames, caption.Confidence, caption.Model));
        Assert.Equal((Start, Start.AddSeconds(7)), (caption.Start, caption.End));
        Assert.Equal(caption.End, draft.Time);
    }

    [Fact]
    public async Task ApplyAsync_WideFrames_ThumbnailOfTheMiddleFrameAtMost160Wide()
    {
        var frames = Enumerable.Range(0, 8).Select(i => Solid(640, 360, (byte)(i * 30), i)).ToList();
        var record = new InputRecord(0, 1, Start, EventTypes.VideoFrame, RgbFrameCodec.Encode(frames));

        var output = await Create().ApplyAsync([record], TestContext.Current.CancellationToken);

        using var thumbnail = SKBitmap.Decode(ResultJson.Deserialize<Caption>(output.Results[0].Data).Thumbnail);
        Assert.Equal((160, 90), (thumbnail.Width, thumbnail.Height));
        Assert.InRange(thumbnail.GetPixel(80, 45).Red, 118, 122);
    }

    [Fact]
    public async Task ApplyAsync_VideoEnd_FlushesAShorterClipOnce()
    {
        var processor = Create();
        var end = new InputRecord(3, 200, Start, EventTypes.VideoEnd, default);

        var output = await processor.ApplyAsync([.. Frames(0, 3), end, end with { Offset = 201 }], TestContext.Current.CancellationToken);

        var draft = Assert.Single(output.Results);
        Assert.Equal(200, draft.Offset);
        Assert.Equal(3, ResultJson.Deserialize<Caption>(draft.Data).Frames);
    }

    [Fact]
    public async Task ApplyAsync_VideoEndAfterAFullOverlappingClip_FlushesOnlyWhenAFrameIsNew()
    {
        var options = new CaptioningOptions { ClipFrames = 4, Hop = 2 };
        var end = new InputRecord(3, 200, Start, EventTypes.VideoEnd, default);

        var none = await Create(options).ApplyAsync([.. Frames(0, 4), end], TestContext.Current.CancellationToken);
        var one = await Create(options).ApplyAsync([.. Frames(0, 5), end], TestContext.Current.CancellationToken);

        Assert.Equal([4], none.Results.Select(draft => ResultJson.Deserialize<Caption>(draft.Data).Frames));
        Assert.Equal([4, 3], one.Results.Select(draft => ResultJson.Deserialize<Caption>(draft.Data).Frames));
    }

    [Fact]
    public async Task ApplyAsync_SegmentOfManyFrames_ClipsOfOneRecordInOrder()
    {
        var frames = Enumerable.Range(0, 20).Select(i => Solid(32, 32, (byte)i, i)).ToList();
        var record = new InputRecord(0, 9, Start, EventTypes.VideoFrame, RgbFrameCodec.Encode(frames));

        var output = await Create().ApplyAsync([record], TestContext.Current.CancellationToken);

        var captions = output.Results.Select(draft => ResultJson.Deserialize<Caption>(draft.Data)).ToList();
        Assert.Equal([Start, Start.AddSeconds(8)], captions.Select(caption => caption.Start));
        Assert.All(output.Results, draft => Assert.Equal(9, draft.Offset));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(3)]
    public async Task ApplyAsync_OneRecordAtATimeOrAllWithRestartsBetween_SameResultsAndState(int hop)
    {
        var options = new CaptioningOptions { Hop = hop };
        var records = Frames(0, 37).Append(new InputRecord(3, 999, Start, EventTypes.VideoEnd, default)).ToList();
        var whole = Create(options);
        var expected = await whole.ApplyAsync(records, TestContext.Current.CancellationToken);

        var actual = new List<ResultDraft>();
        byte[]? state = null;
        foreach (var record in records)
        {
            var processor = Create(options, state);
            actual.AddRange((await processor.ApplyAsync([record], TestContext.Current.CancellationToken)).Results);
            state = processor.SaveState();
        }

        Assert.NotEmpty(expected.Results);
        Assert.Equal(expected.Results.Select(Line), actual.Select(Line));
        Assert.Equal(whole.SaveState(), state);
    }

    [Fact]
    public async Task ApplyAsync_DamagedPayload_RejectsThatRecordAlone()
    {
        var processor = Create();
        var records = Frames(0, 8);
        records.Insert(4, new InputRecord(3, 500, Start, EventTypes.VideoFrame, new byte[] { 1, 0, 0, 0, 9 }));

        var output = await processor.ApplyAsync(records, TestContext.Current.CancellationToken);

        Assert.Equal(500, Assert.Single(output.Rejections).Offset);
        Assert.Single(output.Results);
    }

    [Fact]
    public async Task ApplyAsync_Cancelled_LeavesTheStateAsItWas()
    {
        var processor = Create();
        await processor.ApplyAsync(Frames(0, 5), TestContext.Current.CancellationToken);
        var before = processor.SaveState();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await processor.ApplyAsync(Frames(5, 9), new CancellationToken(canceled: true)));

        Assert.Equal(before, processor.SaveState());
    }

    [Fact]
    public async Task SaveState_LongStream_StaysSmall()
    {
        var processor = Create();
        for (var first = 0; first < 2000; first += 25)
        {
            await processor.ApplyAsync(Frames(first, first + 25), TestContext.Current.CancellationToken);
            Assert.InRange(processor.SaveState().Length, 1, 100_000);
        }
    }

    [Theory]
    [InlineData(0, "version 9")]
    [InlineData(1, "frames of 9 pixels")]
    public void Create_ForeignState_NamesWhatIsWrong(int position, string expected)
    {
        var state = Create().SaveState();
        state[position] = 9;

        var error = Assert.Throws<StateFormatException>(() => Create(state: state));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_StateCutOff_SaysSo() =>
        Assert.Contains("ends early", Assert.Throws<StateFormatException>(() => Create(state: Create().SaveState()[..^1])).Message, StringComparison.Ordinal);

    [Fact]
    public void Factory_HopBeyondClip_NamesTheRemedy()
    {
        var error = Assert.Throws<System.ComponentModel.DataAnnotations.ValidationException>(() => Create(new CaptioningOptions { Hop = 9 }));

        Assert.Contains("at most 8", error.Message, StringComparison.Ordinal);
    }

    private static IRecordProcessor Create(CaptioningOptions? options = null, byte[]? state = null) =>
        new CaptioningProcessorFactory(new HashingCaptioner(), options).Create("gate", state);

    private static List<InputRecord> Frames(int first, int end)
    {
        var scene = ClipScenes.Create(7, 1);
        return [.. Enumerable.Range(first, end - first).Select(i => new InputRecord(
            3,
            100 + i,
            Start.AddSeconds(i),
            EventTypes.VideoFrame,
            RgbFrameCodec.Encode([SceneRenderer.RenderFrame(scene, i % 50 * 0.1, 64, Start.AddSeconds(i))])))];
    }

    private static RgbFrame Solid(int width, int height, byte red, int second)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            pixels[i] = red;
        }

        return new RgbFrame(Start.AddSeconds(second), width, height, pixels);
    }

    private static string Line(ResultDraft draft) => $"{draft.Partition}/{draft.Offset} {draft.Time:O} {Encoding.UTF8.GetString(draft.Data)}";
}
