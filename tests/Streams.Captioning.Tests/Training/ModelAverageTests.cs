using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Training;
using TorchSharp;

namespace Streams.Captioning.Tests.Training;

public sealed class ModelAverageTests
{
    private static readonly string Shipped = new CaptionerOptions().ModelDirectory;

    [Fact]
    public void Write_TwoModels_HasTheMeanOfEveryWeight()
    {
        using var scope = torch.NewDisposeScope();
        using var other = new TemporaryFolder();
        using var mean = new TemporaryFolder();
        WriteChanged(other.Path, 0.5f);

        ModelAverage.Write([Shipped, other.Path], mean.Path, "9");

        var (expected, config) = (ModelFolder.ReadModel(Shipped, ModelFolder.ReadConfig(Shipped)), ModelFolder.ReadConfig(mean.Path));
        Assert.Equal("9", config.Version);
        Assert.All(
            expected.named_parameters().Zip(ModelFolder.ReadModel(mean.Path, config).named_parameters()),
            pair => Golden.AssertClose(pair.First.parameter + 0.25f, pair.Second.parameter, 1e-5));
    }

    [Fact]
    public void Write_WeightsThatAreNoNumbers_SaysWhichModel()
    {
        using var scope = torch.NewDisposeScope();
        using var other = new TemporaryFolder();
        using var mean = new TemporaryFolder();
        WriteChanged(other.Path, float.NaN);

        var error = Assert.Throws<CheckpointException>(() => ModelAverage.Write([Shipped, other.Path], mean.Path, "9"));

        Assert.Contains(other.Path, error.Message, StringComparison.Ordinal);
    }

    private static void WriteChanged(string folder, float by)
    {
        using var guard = torch.no_grad();
        var config = ModelFolder.ReadConfig(Shipped);
        var model = ModelFolder.ReadModel(Shipped, config);
        foreach (var parameter in model.parameters())
        {
            parameter.add_(by);
        }

        ModelFolder.Write(folder, config, ModelFolder.ReadTokenizer(Shipped), model);
    }
}
