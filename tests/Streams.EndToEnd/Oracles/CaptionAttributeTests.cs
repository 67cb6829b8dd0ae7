using Streams.Host.Cli;
using Streams.Host.Oracles;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;

namespace Streams.EndToEnd.Oracles;

public sealed class CaptionAttributeTests
{
    private const string One = "a small red circle moves left slowly on a dark background .";
    private const string LargerSecond = "a small red circle moves left slowly and a large blue cross stays still on a gray background .";
    private const string EquallyLarge = "a small orange square blinks quickly and a small white diamond moves up slowly on a brown background .";

    [Theory]
    [InlineData("object", One, "circle")]
    [InlineData("colour", One, "red")]
    [InlineData("size", One, "small")]
    [InlineData("motion", One, "left")]
    [InlineData("speed", One, "slow")]
    [InlineData("background", One, "dark")]
    [InlineData("object", LargerSecond, "cross")]
    [InlineData("colour", LargerSecond, "blue")]
    [InlineData("motion", LargerSecond, "still")]
    [InlineData("speed", LargerSecond, "none")]
    [InlineData("object", EquallyLarge, "square")]
    [InlineData("motion", EquallyLarge, "blink")]
    [InlineData("object", "a on a gray background .", "none")]
    [InlineData("background", "a small red circle", "none")]
    [InlineData("size", "", "none")]
    public void LabelOf_Caption_IsWhatItSaysOfTheMainObject(string attribute, string caption, string label) =>
        Assert.Equal(label, CaptionAttribute.Find(attribute).LabelOf(caption));

    [Fact]
    public void Labels_EachAttribute_CountsEveryLabelThatThereCanBe()
    {
        var contents =
            from size in Enum.GetValues<ObjectSize>()
            from colour in Enum.GetValues<ObjectColour>()
            from shape in Enum.GetValues<ObjectShape>()
            from motion in Enum.GetValues<ObjectMotion>()
            from speed in Enum.GetValues<ObjectSpeed>()
            select new CaptionContent(SceneBackground.Dark, [new ObjectDescription(size, colour, shape, motion, motion == ObjectMotion.Still ? null : speed)]);
        var description = contents.First().Objects[0];
        var counts = Enumerable.Range(1, ObjectDescription.MaxCount).Select(count => new CaptionContent(SceneBackground.Dark, [description with { Count = count }]));
        var scenes =
            from background in Enum.GetValues<SceneBackground>()
            from word in Enum.GetValues<SignWord>()
            select new CaptionContent(background, [description], word);
        var captions = contents.Concat(counts).Concat(scenes).Select(CaptionGrammar.Format).Append("").ToList();

        Assert.All(CaptionAttribute.All, attribute => Assert.Equal(attribute.Labels, captions.Select(attribute.LabelOf).Distinct().Count()));
    }

    [Fact]
    public void Find_UnknownName_ListsTheNamesThatThereAre()
    {
        var error = Assert.Throws<StreamsException>(() => CaptionAttribute.Find("smell"));

        Assert.Contains("'smell'", error.Message, StringComparison.Ordinal);
        Assert.All(CaptionAttribute.All, attribute => Assert.Contains(attribute.Name, error.Message, StringComparison.Ordinal));
    }
}
