namespace Streams.Schemas.Tests;

public sealed class TopicsTests
{
    [Fact]
    public void Topics_SourcesAndResults_AreTheEightOfTheWireContract()
    {
        Assert.Equal(["video.frames", "sensor.signals", "label.samples"], Topics.Sources);
        Assert.Equal(["video.captions", "sensor.graphs", "sensor.imputed", "label.queries", "label.modes"], Topics.Results);
    }

    [Fact]
    public void DeadLetter_OfASource_EndsInDlt() => Assert.Equal("video.frames.dlt", Topics.DeadLetter(Topics.VideoFrames));

    [Theory]
    [InlineData("live", "video.captions", "video.captions")]
    [InlineData("check", "video.captions", "run.check.video.captions")]
    [InlineData("Live", "video.captions", "run.Live.video.captions")]
    public void ForRun_OnlyTheLiveRun_WritesWithoutAPrefix(string run, string topic, string expected) =>
        Assert.Equal(expected, Topics.ForRun(run, topic));
}
