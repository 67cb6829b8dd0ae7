using CsCheck;
using Streams.Schemas.Results;

namespace Streams.Schemas.Tests.Results;

public sealed class ResultIdTests
{
    private static readonly Gen<ResultId> Ids =
        from run in Gen.String[Gen.Char.AlphaNumeric, 1, 12]
        from topic in Gen.Int[0, Topics.Sources.Count - 1].Select(i => Topics.Sources[i])
        from partition in Gen.Int[0, int.MaxValue]
        from offset in Gen.Long[0, long.MaxValue]
        from n in Gen.Int[0, int.MaxValue]
        select new ResultId(run, topic, partition, offset, n);

    [Fact]
    public void TryParse_OfToString_GivesTheIdBack() =>
        Ids.Sample(id => Assert.Equal((true, id), (ResultId.TryParse(id.ToString(), out var read), read)));

    [Fact]
    public void ToString_OfDifferentIds_Differs() =>
        Gen.Select(Ids, Ids).Sample((one, other) => Assert.Equal(one == other, one.ToString() == other.ToString()));

    [Fact]
    public void ToString_Example_IsOfTheWireContract() =>
        Assert.Equal("live/sensor.signals/3/1234567/2", new ResultId("live", Topics.SensorSignals, 3, 1234567, 2).ToString());

    [Fact]
    public void InRun_ChangesTheRunOnly() =>
        Ids.Sample(id => Assert.Equal(id, id.InRun("check").InRun(id.Run)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("live")]
    [InlineData("live/video.frames/1/2")]
    [InlineData("live/video.frames/1/2/3/4")]
    [InlineData("/video.frames/1/2/3")]
    [InlineData("live//1/2/3")]
    [InlineData("live/video.frames/-1/2/3")]
    [InlineData("live/video.frames/1/-2/3")]
    [InlineData("live/video.frames/1/2/-3")]
    [InlineData("live/video.frames/ 1/2/3")]
    [InlineData("live/video.frames/+1/2/3")]
    [InlineData("live/video.frames/1/2/x")]
    [InlineData("live/video.frames/1,000/2/3")]
    [InlineData("live/video.frames/2147483648/2/3")]
    [InlineData("live/video.frames/1/9223372036854775808/3")]
    public void TryParse_NotAnId_IsFalse(string? text)
    {
        Assert.False(ResultId.TryParse(text, out var id));
        Assert.Equal(default, id);
    }
}
