using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Layers;
using TorchSharp;

namespace Streams.Captioning.Tests.Connectors;

public sealed class CAbstractorTests
{
    [Fact]
    public void Forward_GoldenWeights_EqualsTheReferenceStageByStage()
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var (connector, expected) = (Load(), Golden.Tensors("cabstractor_tiny/io.safetensors"));

        var before = connector.Before(expected["input"]);
        var sampled = connector.Sample(before);

        Golden.AssertClose(expected["s1"], before);
        Golden.AssertClose(expected["sampler"], sampled);
        Golden.AssertClose(expected["s2"], connector.After(sampled));
        Golden.AssertClose(expected["output"], connector.forward(expected["input"]));
    }

    [Theory]
    [InlineData(144, "pool27_to12.out")]
    [InlineData(64, "pool27_to8.out")]
    public void Sample_UnevenGrid_PoolsOverlappingBinsLikeTheReference(int tokens, string name)
    {
        using var scope = torch.NewDisposeScope();
        var expected = Golden.Tensors("cabstractor_tiny/io.safetensors");
        using var connector = new CAbstractor(Config() with { NumQueryTokens = tokens }, LayerFactory.Meta);

        Golden.AssertClose(expected[name], connector.Sample(expected["pool27.in"]));
    }

    internal static CAbstractor Load()
    {
        var connector = new CAbstractor(Config(), LayerFactory.ForLoading(torch.CPU, torch.ScalarType.Float32));
        Golden.Fill(connector, "cabstractor_tiny/model.safetensors");
        return connector;
    }

    private static ConnectorConfig Config() => Golden.Config<ConnectorConfig>(Golden.Json("cabstractor_tiny/config.json"));
}
