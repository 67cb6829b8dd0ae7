using System.ComponentModel.DataAnnotations;
using Streams.Processors.ModeEstimation;

namespace Streams.ModeEstimation.Tests;

public sealed class ModeEstimationOptionsTests
{
    public static TheoryData<ModeEstimationOptions, string> OutOfRange { get; } = new()
    {
        { new ModeEstimationOptions { DefaultDelta = 0 }, "DefaultDelta" },
        { new ModeEstimationOptions { DefaultDelta = 1 }, "DefaultDelta" },
        { new ModeEstimationOptions { DefaultDelta = double.NaN }, "DefaultDelta" },
        { new ModeEstimationOptions { DefaultLabels = 1 }, "DefaultLabels" },
        { new ModeEstimationOptions { AnswersAhead = 0 }, "AnswersAhead" },
        { new ModeEstimationOptions { RememberedSamples = 0 }, "RememberedSamples" },
        { new ModeEstimationOptions { OpenSetCounters = 1 }, "OpenSetCounters" },
        { new ModeEstimationOptions { OpenSetCounters = 65_537 }, "OpenSetCounters" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Factory_SettingOutOfRange_NamesIt(ModeEstimationOptions options, string name) =>
        Assert.Contains(name, Assert.Throws<ValidationException>(() => new ModeEstimationProcessorFactory(options)).Message, StringComparison.Ordinal);

    [Fact]
    public void Factory_Defaults_AreValid() => Assert.Equal("label.samples", new ModeEstimationProcessorFactory().Topic);
}
