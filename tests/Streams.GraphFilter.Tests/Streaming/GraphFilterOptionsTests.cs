using System.ComponentModel.DataAnnotations;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas;

namespace Streams.GraphFilter.Tests.Streaming;

public sealed class GraphFilterOptionsTests
{
    [Fact]
    public void Factory_Defaults_AreValid() => Assert.Equal(Topics.SensorSignals, new GraphFilterProcessorFactory().Topic);

    [Fact]
    public void Factory_OutOfRange_NamesTheOption() =>
        Assert.Contains("WindowRows", Refused(new GraphFilterOptions { WindowRows = 3 }), StringComparison.Ordinal);

    [Fact]
    public void Factory_MinRowsBeyondTheWindow_NamesBoth()
    {
        var message = Refused(new GraphFilterOptions { WindowRows = 10, MinRows = 11 });
        Assert.Contains("MinRows is 11", message, StringComparison.Ordinal);
        Assert.Contains("WindowRows 10", message, StringComparison.Ordinal);
    }

    private static string Refused(GraphFilterOptions options) => Assert.Throws<ValidationException>(() => new GraphFilterProcessorFactory(options)).Message;
}
