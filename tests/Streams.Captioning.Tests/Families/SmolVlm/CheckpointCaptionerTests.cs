using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families.SmolVlm;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Families.SmolVlm;

public sealed class CheckpointCaptionerTests
{
    [Fact]
    public void Answer_All256MWidthsInTwoShards_MatchesTheForwardPassByHand() => AssertMatchesHand(visionLayers: 1, textLayers: 2);

    [Fact(Explicit = true)]
    public void Answer_Whole256MShape_MatchesTheForwardPassByHand() => AssertMatchesHand(visionLayers: 12, textLayers: 30);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Load_AnyFileType_HoldsTheFilesValues(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.Tiny(type);
        using var shards = CheckpointShards.Open(folder.Path);
        using var session = SmolVlmSession.Load(folder.Path, shards, CPU, ScalarType.Float32, kernels: false);
        var weights = folder.Weights();

        Assert.All(session.Model.named_parameters(), entry =>
            Assert.Equal(weights[ParameterNames.SmolVlm.InFile(entry.name)].data<float>().ToArray(), entry.parameter.data<float>().ToArray()));
    }

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float16")]
    public void Answer_HalfPrecision_AnswersNearlyAsInFloat32(string precision)
    {
        using var folder = PublishedFolder.Tiny();
        using var whole = Load(folder);
        using var half = Load(folder, precision);

        var (expected, answer) = (whole.Answer(Ask("What?"), 1, Cancellation), half.Answer(Ask("What?"), 1, Cancellation));

        Assert.Equal(expected.Confidence, answer.Confidence, expected.Confidence * 0.05);
    }

    [Fact]
    public void AnswerAll_PromptsOfDifferentLengths_EqualsOneByOne()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);
        IReadOnlyList<IReadOnlyList<ChatMessage>> conversations = [Ask("Describe the picture."), Ask("Hm?", Picture(40, 100, 3)), Clip(3), Ask("a"), Ask("b", Picture(32, 32, 5))];

        var together = captioner.AnswerAll(conversations, 10, Cancellation);

        Assert.Equal(conversations.Select(conversation => captioner.Answer(conversation, 10, Cancellation).TokenIds), together.Select(answer => answer.TokenIds));
    }

    [Fact]
    public void Answer_ClipOfOneFrame_IsAnswered()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);

        Assert.NotEmpty(captioner.Answer(Clip(1), 3, Cancellation).TokenIds);
        Assert.Equal([0], captioner.SampleFrames(1, 30));
    }

    [Fact]
    public void Answer_TenThousandFrames_TakesFourOfThem()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);

        Assert.NotEmpty(captioner.Answer(Clip(10_000), 2, Cancellation).TokenIds);
        Assert.Equal(4, captioner.SampleFrames(10_000, 30).Count);
    }

    [Fact]
    public void Answer_PromptLongerThanTheContext_IsRefusedAndTheModelGoesOn()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);

        var error = Assert.Throws<PromptTooLongException>(() => captioner.Answer(Ask(new string('x', 600)), 10, Cancellation));

        Assert.Equal(512, error.Limit);
        Assert.InRange(error.Tokens, 600, 700);
        Assert.NotEmpty(captioner.Answer(Ask("x"), 2, Cancellation).TokenIds);
    }

    [Fact]
    public void Load_TinyFolder_ReportsWhatIsThere()
    {
        using var folder = PublishedFolder.Tiny();
        using var captioner = Load(folder);
        using var scope = NewDisposeScope();

        Assert.Equal("smolvlm", captioner.Report.ModelType);
        Assert.Equal(folder.Weights().Values.Sum(tensor => tensor.numel()), captioner.Report.Parts.Sum(part => part.Parameters));
        Assert.Contains(captioner.Report.Parts, part => part is { Name: "model.text_model.layers.*.self_attn.k_proj.weight", Count: 2 } && part.Shape.SequenceEqual([8L, 24]));
        Assert.Equal(4, captioner.Report.TokensPerImage);
    }

    [Fact]
    public async Task CaptionAsync_PublishedFolderForACamera_SameCaptionAloneAndAmongOthers()
    {
        using var folder = PublishedFolder.Tiny();
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { ModelDirectory = folder.Path, Device = "cpu", MaxNewTokens = 6, Prompt = "What?" });
        var clips = Enumerable.Range(1, 4).Select(i => Enumerable.Range(0, i * 3).Select(frame => Picture(20, 30, (10 * i) + frame) with { CaptureTime = DateTimeOffset.UnixEpoch.AddSeconds(frame) }).ToList()).ToList();
        var alone = new List<GeneratedCaption>();
        foreach (var clip in clips)
        {
            alone.Add(await captioner.CaptionAsync(clip, Cancellation));
        }

        var together = await Task.WhenAll(clips.AsEnumerable().Reverse().Select(clip => captioner.CaptionAsync(clip, Cancellation).AsTask()));

        Assert.Equal(alone, together.Reverse());
        Assert.Equal(4, captioner.Model.FramesPerClip);
        Assert.StartsWith("smolvlm ", captioner.ModelName, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void AssertMatchesHand(int visionLayers, int textLayers)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var folder = PublishedFolder.Smol256(visionLayers, textLayers);
        var conversation = Ask("What is this?", Picture(300, 200, 9));

        using var captioner = Load(folder);
        var answer = captioner.Answer(conversation, 2, Cancellation);
        using var shards = CheckpointShards.Open(folder.Path);
        using var session = SmolVlmSession.Load(folder.Path, shards, CPU, ScalarType.Float32, kernels: false);
        var (ids, tiles) = session.Tokenize(conversation, 2);
        var hand = new HandForward(session.Config, folder.Weights());
        var pixels = session.Pixels.Normalize(tiles, ScalarType.Float32);
        var logits = hand.LastLogits([.. ids.Select(id => (long)id)], pixels);

        var product = session.Model.Language.Logits(session.Model.Language.Hidden(session.Embed(ids, tiles, Cancellation), null))[0, -1];
        Golden.AssertClose(logits, product, 1e-3);
        Assert.Equal(64, ids.Count(id => id == 49190));
        Assert.Equal(logits.argmax().item<long>(), answer.TokenIds[0]);
    }

    private static CheckpointCaptioner Load(PublishedFolder folder, string precision = "float32") =>
        CheckpointCaptioner.Load(new CheckpointOptions { Directory = folder.Path, Device = "cpu", Precision = precision });

    private static ChatMessage[] Ask(string question, RgbFrame? picture = null) =>
        [new(ChatMessage.User, picture is null ? [new TextContent(question)] : [new ImageContent(picture), new TextContent(question)])];

    private static ChatMessage[] Clip(int frames)
    {
        var frame = Picture(48, 80, 1);
        return [new(ChatMessage.User, [new VideoContent([.. Enumerable.Repeat(frame, frames)], [.. Enumerable.Range(0, frames).Select(i => (double)i)], frames), new TextContent("What?")])];
    }

    private static RgbFrame Picture(int height, int width, int seed)
    {
        var pixels = new byte[height * width * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbFrame(default, width, height, pixels);
    }
}
