using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Training;

namespace Streams.Captioning.Tests.Training;

public sealed class ReshapingTests
{
    [Fact]
    public void Reshape_ScenesOfOneDescription_AnyColourAnOutlineWithoutANameAndTheSameMoves()
    {
        var colours = new HashSet<ObjectColour>();
        for (var index = 0; index < 300; index++)
        {
            var scene = ClipScenes.Create(3, index);
            var other = Reshaping.Reshape(scene, new SceneRandom(4, index));
            Assert.Equal(scene.Objects.Count == 1, other is not null);
            if (other is null)
            {
                continue;
            }

            var (before, after) = (scene.Objects[0], other.Objects[0]);
            Assert.NotNull(after.Outline);
            Assert.Equal(before.Description with { Colour = after.Description.Colour }, after.Description);
            Assert.Equal((before.Radius, before.VelocityX, before.VelocityY), (after.Radius, after.VelocityX, after.VelocityY));
            var caption = CaptionGrammar.HideShape(other.Caption, after.Description.Shape);
            Assert.Empty(CaptionGrammar.LeftOut(caption));
            Assert.Contains("<unk>", caption, StringComparison.Ordinal);
            colours.Add(after.Description.Colour);
        }

        Assert.Equal(Enum.GetValues<ObjectColour>().Length, colours.Count);
    }

    /// <summary>As large as what has a name, and within the square that is drawn.</summary>
    [Theory]
    [InlineData(0, 0.12)]
    [InlineData(0, 0.3)]
    [InlineData(2, 0.3)]
    [InlineData(5, 0.15)]
    [InlineData(7, 0.3)]
    public void Distance_Outline_IsNegativeInsideAndEndsWithinItsReach(int lobes, double depth)
    {
        var outline = new Outline(lobes, depth, 1);
        var covered = 0;
        for (var row = -150; row <= 150; row++)
        {
            for (var column = -150; column <= 150; column++)
            {
                var inside = outline.Distance(column / 100.0, row / 100.0, 1) < 0;
                covered += inside ? 1 : 0;
                Assert.True(!inside || Math.Max(Math.Abs(row), Math.Abs(column)) <= 130, $"{column} {row}");
            }
        }

        Assert.InRange(covered / 10_000.0, 1.4, 3.8);
    }
}
