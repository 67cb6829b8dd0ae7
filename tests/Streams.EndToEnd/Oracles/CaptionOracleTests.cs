using Streams.Host.Configuration;
using Streams.Host.Oracles;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.EndToEnd.Oracles;

/// <summary>What an oracle says that is started again: neither a broker nor a model is needed for it, and there is none here.</summary>
public sealed class CaptionOracleTests
{
    private static readonly LabelProgress Progress = new(0, null, 0, 0, 0);
    private static readonly LabelSample Logged = new("t", "5", "circle", "captioner/m 1", 2);

    [Fact]
    public async Task AnswerAsync_AnswerInTheLog_IsNotRepeated()
    {
        using var oracle = Create();

        Assert.Null(await oracle.AnswerAsync(new LabelQuery("t", LabelQueryKind.Ask, 2, 5, Progress), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AnswerAsync_KnownSampleAskedAgain_SameLabelUnderTheNewQuery()
    {
        using var oracle = Create();

        var answer = await oracle.AnswerAsync(new LabelQuery("t", LabelQueryKind.Ask, 9, 5, Progress), TestContext.Current.CancellationToken);

        Assert.Equal(Logged with { Query = 9 }, answer);
        Assert.Equal((1, 1, 0), (oracle.Known, oracle.CaptionedByModel, oracle.CaptionedByPipeline));
    }

    [Fact]
    public async Task AnswerAsync_Stop_SaysNothing()
    {
        using var oracle = Create();

        Assert.Null(await oracle.AnswerAsync(new LabelQuery("t", LabelQueryKind.Stop, null, null, Progress), TestContext.Current.CancellationToken));
    }

    private static CaptionOracle Create()
    {
        var options = StreamsConfiguration.Load(new Dictionary<string, string?> { ["Streams:Kafka:BootstrapServers"] = "127.0.0.1:1" });
        var source = new ClipPoolSource("gate", "object", "m 1", 0, 0, 80, 8, 8, 48);
        return new CaptionOracle(options, source, new ClipPool(source.Captioning()), new NoCaptioner(), null, new Dictionary<int, LabelSample> { [5] = Logged });
    }

    private sealed class NoCaptioner : ICaptioner
    {
        public string ModelName => "m 1";

        public ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("the model is not to be asked");
    }
}
