using CsCheck;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Training;

namespace Streams.Captioning.Tests.Evaluation;

public sealed class CaptionGrammarTests
{
    [Fact]
    public void Parse_AnySceneCaption_GivesBackItsContent() => Gen.Select(Gen.ULong, Gen.Long[0, 1_000_000]).Sample((seed, index) =>
    {
        var content = ClipScenes.Create(seed, index).Content;
        var parsed = CaptionGrammar.Parse(CaptionGrammar.Format(content));
        return parsed.Background == content.Background && parsed.Objects.SequenceEqual(content.Objects);
    }, iter: 2000);

    [Fact]
    public void Encode_AnySceneCaption_DecodesToItself() => Gen.Select(Gen.ULong, Gen.Bool).Sample((seed, heldOut) =>
    {
        var tokenizer = TinyModel.CreateTokenizer();
        var caption = ClipScenes.Create(seed, 1, heldOut ? ClipSplit.HeldOut : ClipSplit.Training).Caption;
        return tokenizer.Decode(tokenizer.Encode(caption)) == caption;
    }, iter: 500);

    [Theory]
    [InlineData("")]
    [InlineData("a a a and on on background")]
    [InlineData("a small red circle")]
    [InlineData("a small 3 circle moves left")]
    public void Parse_NotACaption_FindsNothing(string text)
    {
        var content = CaptionGrammar.Parse(text);

        Assert.Null(content.Background);
        Assert.Empty(content.Objects);
    }

    [Fact]
    public void Score_OneWrongShapeAndMotion_CountsThoseAndTheSpeedThatHangsOnTheMotion()
    {
        const string Truth = "a small red circle moves left slowly and a large blue square stays still on a dark background .";
        const string Said = "a small red square moves up slowly and a large blue square stays still on a dark background .";

        var score = CaptionScorer.Score(Truth, Said);

        Assert.False(score.Exact);
        Assert.Equal((9, 12), (score.Right, score.Total));
        Assert.Equal((1, 2), score.Attributes["speed"]);
        Assert.Equal((2, 2), score.Attributes["colour"]);
    }

    [Fact]
    public void Score_TheTruth_AllRight()
    {
        var caption = ClipScenes.Create(1, 1).Caption;

        var score = CaptionScorer.Score(caption, caption);

        Assert.True(score.Exact);
        Assert.Equal(score.Total, score.Right);
    }
}
