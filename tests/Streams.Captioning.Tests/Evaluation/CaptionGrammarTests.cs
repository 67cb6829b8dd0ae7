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
        return parsed.Background == content.Background && parsed.Word == content.Word && parsed.Objects.SequenceEqual(content.Objects);
    }, iter: 2000);

    [Fact]
    public void Encode_AnySceneCaption_DecodesToItself() => Gen.Select(Gen.ULong, Gen.Bool).Sample((seed, heldOut) =>
    {
        var tokenizer = TinyModel.CreateTokenizer();
        var caption = ClipScenes.Create(seed, 1, heldOut ? ClipSplit.HeldOut : ClipSplit.Training).Caption;
        return tokenizer.Decode(tokenizer.Encode(caption)) == caption;
    }, iter: 500);

    [Fact]
    public void LeftOut_BlueTriangleToTheRight_NamesWhatTrainingCannotShowInItsPlace()
    {
        const string Caption = "two small blue triangles move right slowly on a gray background .";

        Assert.Equal([(2, "white"), (3, "crosses"), (3, "diamonds"), (5, "left")], CaptionGrammar.LeftOut(Caption).Order());
        Assert.Equal([(0, "two")], CaptionGrammar.LeftOut("three small <unk> diamonds at x1 y1 x3 y3 x5 y5 on a gray background .").Where(one => one.Place == 0));
        Assert.Empty(CaptionGrammar.LeftOut("a small blue <unk> moves left slowly on a gray background ."));
    }

    [Fact]
    public void LeftOut_AnySceneOfTraining_NeverItsOwnWords() => Gen.Select(Gen.ULong, Gen.Long[0, 1_000_000]).Sample(
        (seed, index) =>
        {
            var scene = ClipScenes.Create(seed, index);
            foreach (var caption in new[] { scene.Caption, CaptionGrammar.FormatGrounded(scene, 0) })
            {
                Assert.All(CaptionGrammar.LeftOut(caption), one => Assert.NotEqual(caption.Split(' ')[one.Place], one.Word));
            }
        },
        iter: 500);

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
        Assert.Equal((12, 15), (score.Right, score.Total));
        Assert.Equal(
            [new("shape", "circle", "square"), new("motion", "left", "up"), new("speed", "slow", "slow-up")],
            score.Answers.Where(answer => !answer.IsRight));
    }

    [Fact]
    public void Format_CountsAndAWord_ReadsAsEnglish()
    {
        var content = new CaptionContent(
            SceneBackground.Striped,
            [
                new ObjectDescription(ObjectSize.Small, ObjectColour.Red, ObjectShape.Cross, ObjectMotion.Blink, ObjectSpeed.Quick, Count: 3),
                new ObjectDescription(ObjectSize.Large, ObjectColour.White, ObjectShape.Circle, ObjectMotion.Still, null),
            ],
            SignWord.Taxi);

        Assert.Equal("three small red crosses blink quickly and a large white circle stays still and the word taxi on a striped background .", CaptionGrammar.Format(content));
    }

    [Theory]
    [InlineData("two small red circle move left slowly on a dark background .")]
    [InlineData("a small red circles moves left slowly on a dark background .")]
    [InlineData("two small red circles moves left slowly on a dark background .")]
    [InlineData("five small red circles move left slowly on a dark background .")]
    public void Parse_CountAndNounDisagree_NoObject(string text) => Assert.Empty(CaptionGrammar.Parse(text).Objects);

    [Fact]
    public void Score_TooManyObjectsAndNoWord_SaysSo()
    {
        const string Truth = "two small red circles move left slowly and the word stop on a dark background .";
        const string Said = "a small red circle moves left slowly and a small blue circle stays still on a dark background .";

        var score = CaptionScorer.Score(Truth, Said);

        Assert.Equal(
            [new("objects", "1", "2"), new("word", "stop", "none"), new("count", "2", "1")],
            score.Answers.Where(answer => !answer.IsRight));
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
