using CsCheck;

namespace Streams.Grains.Tests;

public sealed class StreamKeyTests
{
    [Fact]
    public void Parse_AnyKey_GivesWhatWasWritten() =>
        Gen.String.Sample(key => StreamKey.Parse(new StreamKey("live", "label.samples", key).ToString()) == new StreamKey("live", "label.samples", key));

    [Fact]
    public void Parse_TooFewParts_SaysTheForm() =>
        Assert.Contains("RUN|TOPIC|KEY", Assert.Throws<FormatException>(() => StreamKey.Parse("live|x")).Message, StringComparison.Ordinal);
}
