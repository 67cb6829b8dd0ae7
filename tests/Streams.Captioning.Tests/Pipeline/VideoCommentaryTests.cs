using Streams.Captioning.Tests.Families.SmolVlm;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Pipeline;

public sealed class VideoCommentaryTests
{
    private static readonly VideoCommentaryOptions Options = new() { Prompt = "Now?", WindowTokens = 300, MaxNewTokens = 5 };

    [Fact]
    public void Continue_FirstPiece_SaysWhatTheCaptionerSaysOfTheClip()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);
        using var commentary = new VideoCommentary(captioner, Options);

        var said = commentary.Continue(Piece(0, 1), TestContext.Current.CancellationToken);

        var expected = captioner.Answer([new ChatMessage(ChatMessage.User, [Piece(0, 1), new TextContent(Options.Prompt)])], Options.MaxNewTokens, TestContext.Current.CancellationToken);
        Assert.Equal(expected.TokenIds, said.TokenIds);
        Assert.Equal(expected.Confidence, said.Confidence, 1e-5);
    }

    [Fact]
    public void Continue_LaterPiece_RemembersTheOneBefore()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);

        double After(int before)
        {
            using var commentary = new VideoCommentary(captioner, Options);
            commentary.Continue(Piece(0, before), TestContext.Current.CancellationToken);
            return commentary.Continue(Piece(2, 9), TestContext.Current.CancellationToken).Confidence;
        }

        Assert.Equal(After(1), After(1));
        Assert.NotEqual(After(1), After(2));
    }

    [Fact]
    public void Continue_ForALongTime_HoldsNoMoreThanAtFirst()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);
        using var commentary = new VideoCommentary(captioner, Options);
        var bytes = commentary.CacheBytes;

        for (var piece = 0; piece < 40; piece++)
        {
            Assert.InRange(commentary.Continue(Piece(piece * 2, piece), TestContext.Current.CancellationToken).Confidence, 0, 1);
        }

        Assert.Equal(bytes, commentary.CacheBytes);
        Assert.Equal(Options.SinkTokens + Options.WindowTokens, commentary.TokensHeld);
        Assert.True(commentary.TokensSeen > 10 * commentary.TokensHeld, $"{commentary.TokensSeen} tokens seen");
    }

    [Fact]
    public void Continue_PieceLargerThanTheWindow_SaysBothSizesAndGoesOn()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);
        using var commentary = new VideoCommentary(captioner, Options with { WindowTokens = 64 });

        var error = Assert.Throws<ArgumentException>(() => commentary.Continue(Piece(0, 1), TestContext.Current.CancellationToken));

        Assert.Contains("more than the window of 64", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, commentary.TokensSeen);
    }

    private static CheckpointCaptioner Load(PublishedFolder folder) =>
        CheckpointCaptioner.Load(new CheckpointOptions { Directory = folder.Path, Device = "cpu", Precision = "float32" });

    private static VideoContent Piece(double second, int seed)
    {
        var random = new Random(seed);
        var frames = Enumerable.Range(0, 2).Select(_ =>
        {
            var pixels = new byte[32 * 32 * 3];
            random.NextBytes(pixels);
            return new RgbFrame(default, 32, 32, pixels);
        }).ToList();
        return new VideoContent(frames, [second, second + 1], second + 2);
    }
}
