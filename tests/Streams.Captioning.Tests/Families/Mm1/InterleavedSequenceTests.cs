using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Families.Mm1;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Prompting;
using Streams.Processors.Captioning.Vision;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Families.Mm1;

public sealed class InterleavedSequenceTests
{
    private static readonly SplittingConfig Config = new() { CellSize = 4, Mode = SplittingMode.Static };

    [Theory]
    [InlineData("None", "See |*|*|*|*|*|?")]
    [InlineData("Index", "See (0,1,1)|*|(0,1,2)|*|(0,2,1)|*|(0,2,2)|*|(0,0,0)|*|?")]
    [InlineData("Seps", "See |*|,|*|<n>|*|,|*|<n>:|*|?")]
    public void Create_OnePicture_TellsWhereEachCellBelongs(string indicator, string expected) =>
        Assert.Equal(expected, Text(InterleavedSequence.Create([new TextContent("See "), Picture(), new TextContent("?")], Config with { Indicator = Enum.Parse<PositionIndicator>(indicator) })));

    [Fact]
    public void Create_TwoPictures_BothCutAndCountedApart()
    {
        var sequence = InterleavedSequence.Create([Picture(), new TextContent("or"), Picture()], Config);

        Assert.Equal(10, sequence.Images.Count);
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], sequence.Images.Select(image => image.Picture));
    }

    [Fact]
    public void Create_ThreePictures_NoneCut() =>
        Assert.Equal("(0,1,1)|*|a(1,1,1)|*|b(2,1,1)|*", Text(InterleavedSequence.Create([Picture(), new TextContent("a"), Picture(), new TextContent("b"), Picture()], Config)));

    [Fact]
    public void Create_ExamplesBeforeAQuestion_OnlyTheLastPictureCut()
    {
        List<ChatContent> shots = [.. Enumerable.Range(0, 4).SelectMany<int, ChatContent>(i => [Picture(), new TextContent($" is a {i}. ")])];

        var sequence = InterleavedSequence.Create([.. shots, Picture(), new TextContent(" is a")], Config with { SplitLastImages = 1 });

        Assert.Equal([1, 1, 1, 1, 5], sequence.Images.GroupBy(image => image.Picture).Select(group => group.Count()));
    }

    [Fact]
    public void Create_LongVideo_TwentyFourFramesOfOneCellWithNothingBetween()
    {
        var frame = ImageSplitterTests.Picture(8, 8);
        var video = new VideoContent([.. Enumerable.Repeat(frame, 10_000)], [.. Enumerable.Range(0, 10_000).Select(i => i / 30.0)], 333);

        var sequence = InterleavedSequence.Create([video, new TextContent("What?")], Config);

        Assert.Equal(24, sequence.Images.Count);
        Assert.Equal(24 * 144, sequence.ToIds(_ => [], 9, 144).Count);
        Assert.Equal(string.Concat(Enumerable.Repeat("*|", 24)) + "What?", Text(sequence));
    }

    [Fact]
    public void ToIds_ThroughAModel_EverySubImageFindsItsPlace()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        manual_seed(8);
        var vision = new VisionConfig { HiddenSize = 16, IntermediateSize = 24, NumHiddenLayers = 1, NumAttentionHeads = 2, ImageSize = 16, PatchSize = 4 };
        var text = new TextConfig
        {
            HiddenSize = 12,
            IntermediateSize = 24,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            NumKeyValueHeads = 1,
            HeadDim = 6,
            VocabSize = 130,
            MaxPositionEmbeddings = 256,
            NumLocalExperts = 4,
        };
        var connector = new ConnectorConfig { Depth = 1, HiddenSize = 8, EncoderHiddenSize = 16, OutputHiddenSize = 12, NumInputTokens = 16, NumQueryTokens = 4 };
        using var model = new VisionLanguageModel(vision, connector, text, LayerFactory.ForTraining);
        // Cells of 24 pixels where the encoder was trained at 16: its positions are interpolated.
        var sequence = InterleavedSequence.Create([new TextContent("<10,20> of "), Picture(60, 30), new TextContent(" and "), Picture(30, 60)], new SplittingConfig { CellSize = 24 });
        var ids = sequence.ToIds(words => [.. words.Select(character => (int)character)], 129, 4);
        using var pixels = new PixelTensors(new SmolVlmImageConfig { TileSize = 24, LongestEdge = 24 }, CPU);
        var images = pixels.Normalize([.. sequence.Images.Select(image => image.Image)], ScalarType.Float32);

        var embeddings = model.Merge(tensor([.. ids.Select(id => (long)id)]).unsqueeze(0), model.VisualTokens(images), 129);
        var output = GreedyDecoder.Decode(model.Language, text, embeddings, 5, [], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(sequence.Images.Count * 4, ids.Count(id => id == 129));
        Assert.Equal(5, output[0].Length);
    }

    private static string Text(InterleavedSequence sequence) => string.Join('|', sequence.Parts.Select(part => part.Text ?? "*"));

    private static ImageContent Picture(int height = 8, int width = 8) => new(ImageSplitterTests.Picture(height, width));
}
