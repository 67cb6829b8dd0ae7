using Streams.Processors.Captioning.Serving;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Serving;

public sealed class BatchSizesTests
{
    [Fact]
    public void Probe_SizesThatRoundAlike_AreKept() =>
        Assert.Equal("4/8/16", BatchSizes.Probe([4, 8, 16], items => Values(items)).ToString());

    [Fact]
    public void Probe_OneSizeRoundsOtherwise_IsLeftOut() =>
        Assert.Equal("4/16", BatchSizes.Probe([4, 8, 16], items => Values(items) + (items.Length == 8 ? 1e-6f : 0)).ToString());

    [Fact]
    public void Probe_OnePlaceOfALargerBatchRoundsOtherwise_ThatSizeIsLeftOut() =>
        Assert.Equal("4/8", BatchSizes.Probe([4, 8, 16], items => Values(items) + (items.Length == 16 ? Last(16) : 0)).ToString());

    [Fact]
    public void Probe_PlaceMattersInTheSmallest_OneByOne() =>
        Assert.Equal("1", BatchSizes.Probe([4, 8, 16], items => Values(items) + Last(items.Length)).ToString());

    [Fact]
    public void Probe_ByLargest_KeepsThoseThatGoWithIt() =>
        Assert.Equal("8/16", BatchSizes.Probe([4, 8, 16], items => Values(items) + (items.Length == 4 ? 1e-6f : 0), byLargest: true).ToString());

    [Fact]
    public void Probe_PlaceMattersInTheLargest_TheNextIsTheMeasure() =>
        Assert.Equal("4/8", BatchSizes.Probe([4, 8, 16], items => Values(items) + (items.Length == 16 ? Last(16) : 0), byLargest: true).ToString());

    [Theory]
    [InlineData(1, "0:1/4")]
    [InlineData(8, "0:8/8")]
    [InlineData(11, "0:8/8 8:3/4")]
    [InlineData(21, "0:8/8 8:8/8 16:5/8")]
    public void Plan_Count_CoversItWithTheSizesThatHold(int count, string expected)
    {
        var plan = BatchSizes.Probe([4, 8], Values).Plan(count);

        Assert.Equal(expected, string.Join(' ', plan.Select(batch => $"{batch.First}:{batch.Items}/{batch.Size}")));
    }

    [Theory]
    [InlineData(1, "0:1/4")]
    [InlineData(8, "0:8/8")]
    [InlineData(11, "0:8/8 8:3/4")]
    [InlineData(15, "0:8/8 8:4/4 12:3/4")]
    public void Plan_Sparing_FillsUpLessThanTheSmallest(int count, string expected)
    {
        var plan = BatchSizes.Probe([4, 8], Values).Plan(count, sparing: true);

        Assert.Equal(expected, string.Join(' ', plan.Select(batch => $"{batch.First}:{batch.Items}/{batch.Size}")));
    }

    private static Tensor Values(int[] items) => tensor([.. items.Select(item => 1f / (item + 3))]).unsqueeze(1);

    private static Tensor Last(int size) => (arange(size) == size - 1).to(ScalarType.Float32).unsqueeze(1) * 1e-6f;
}
