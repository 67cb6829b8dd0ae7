using CsCheck;
using Streams.Processors.Captioning.Grounding;

namespace Streams.Captioning.Tests.Grounding;

public sealed class CoordinateTextTests
{
    [Fact]
    public void Format_PointsAndBoxes_InThousandths()
    {
        Assert.Equal("<500,0>", CoordinateText.Format(new ImagePoint(0.5, 0)));
        Assert.Equal("<0,123,999,999>", CoordinateText.Format(new ImageBox(0, 0.1239, 1, 0.9999)));
    }

    [Fact]
    public void Format_ThenParse_WithinHalfABin() => Gen.Double[0, 1].Array[4].Sample(at =>
    {
        var box = new ImageBox(Math.Min(at[0], at[2]), Math.Min(at[1], at[3]), Math.Max(at[0], at[2]), Math.Max(at[1], at[3]));
        var read = Assert.Single(CoordinateText.ParseBoxes($"the dog {CoordinateText.Format(box)} sleeps"));

        Assert.Equal(box.Left, read.Left, 0.0005 + 1e-9);
        Assert.Equal(box.Bottom, read.Bottom, 0.0005 + 1e-9);
    });

    [Theory]
    [InlineData("a <1,2,3,4> and < 10 , 20, 30 ,40 >", 2, 0)]
    [InlineData("at <5,6> and <7,8>", 0, 2)]
    [InlineData("<300,2,100,4> wrong way, <1,2,3> three, <1000,2,1001,4> outside, <1,2,3,4", 0, 0)]
    [InlineData("<image> and <row_1_col_2> and (0,1,1)", 0, 0)]
    public void Parse_Texts_TakesWhatIsWellFormed(string text, int boxes, int points)
    {
        Assert.Equal(boxes, CoordinateText.ParseBoxes(text).Count);
        Assert.Equal(points, CoordinateText.ParsePoints(text).Count);
    }

    [Fact]
    public void Format_OutsideThePicture_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CoordinateText.Format(new ImagePoint(1.01, 0)));

    [Theory]
    [InlineData(0, 0, 1, 1, 1)]
    [InlineData(0.5, 0, 1, 1, 0.5)]
    [InlineData(0.5, 0.5, 1.5, 1.5, 0.25 / 1.75)]
    [InlineData(1, 1, 2, 2, 0)]
    public void IntersectionOverUnion_WithTheUnitBox_ByHand(double left, double top, double right, double bottom, double expected) =>
        Assert.Equal(expected, new ImageBox(0, 0, 1, 1).IntersectionOverUnion(new ImageBox(left, top, right, bottom)), 1e-12);
}
