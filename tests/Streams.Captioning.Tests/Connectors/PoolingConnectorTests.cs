using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Connectors;

public sealed class PoolingConnectorTests
{
    private static readonly ConnectorConfig Config = new()
    {
        EncoderHiddenSize = 8,
        OutputHiddenSize = 12,
        NumInputTokens = 36,
        NumQueryTokens = 9,
        NumAttentionHeads = 3,
        ScaleFactor = 2,
        HiddenSize = 16,
        Depth = 1,
    };

    [Theory]
    [InlineData(ConnectorConfig.CAbstractor, 9)]
    [InlineData(ConnectorConfig.AveragePool, 9)]
    [InlineData(ConnectorConfig.AttentionPool, 9)]
    [InlineData(ConnectorConfig.PixelShuffle, 9)]
    public void Forward_AnyKind_GivesTheTokensAskedFor(string type, int tokens)
    {
        using var scope = NewDisposeScope();
        using var connector = Connector.Create(Config with { ProjectorType = type }, LayerFactory.ForTraining);

        Assert.Equal([2, tokens, 12], connector.forward(randn(2, 36, 8)).shape);
    }

    [Theory]
    [InlineData(ConnectorConfig.CAbstractor)]
    [InlineData(ConnectorConfig.AveragePool)]
    [InlineData(ConnectorConfig.AttentionPool)]
    public void Forward_LargerImage_GivesTheSameNumberOfTokens(string type)
    {
        using var scope = NewDisposeScope();
        using var connector = Connector.Create(Config with { ProjectorType = type }, LayerFactory.ForTraining);

        Assert.Equal([1, 9, 12], connector.forward(randn(1, 100, 8)).shape);
    }

    [Fact]
    public void AveragePooling_EvenGrid_ProjectsTheMeanOfEachSquare()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var connector = Connector.Create(Config with { ProjectorType = ConnectorConfig.AveragePool, MlpDepth = 1 }, LayerFactory.ForTraining);
        var features = randn(1, 36, 8);
        var (weight, bias) = (connector.get_parameter("readout.0.weight")!, connector.get_parameter("readout.0.bias")!);

        // Token 5 is row 1, column 2 of the 3 x 3: rows 2-3, columns 4-5 of the patches.
        var mean = (features.select(1, 16) + features.select(1, 17) + features.select(1, 22) + features.select(1, 23)) / 4;

        Golden.AssertClose(nn.functional.linear(mean, weight, bias), connector.forward(features).select(1, 5), 1e-5);
    }

    [Fact]
    public void AttentionPooling_PatchesInAnyOrder_SameTokens()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var connector = Connector.Create(Config with { ProjectorType = ConnectorConfig.AttentionPool }, LayerFactory.ForTraining);
        var features = randn(1, 36, 8);

        Golden.AssertClose(connector.forward(features), connector.forward(features.flip(1)), 1e-5);
    }

    [Theory]
    [InlineData("resampler", 9, "projector_type")]
    [InlineData(ConnectorConfig.AveragePool, 10, "num_query_tokens")]
    public void Create_SizesThatDoNotGoTogether_NamesTheField(string type, int queries, string field) => Assert.Contains(
        field,
        Assert.Throws<ModelConfigException>(() => Connector.Create(Config with { ProjectorType = type, NumQueryTokens = queries }, LayerFactory.Meta)).Field,
        StringComparison.Ordinal);
}
