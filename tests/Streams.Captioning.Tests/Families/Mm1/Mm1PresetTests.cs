using Streams.Processors.Captioning.Families.Mm1;
using Streams.Processors.Captioning.Layers;
using TorchSharp;

namespace Streams.Captioning.Tests.Families.Mm1;

public sealed class Mm1PresetTests
{
    // Published totals in billions, dense and sparse; the shapes behind them are stand-ins, so within a tenth.
    [Theory]
    [InlineData("mm1-3b", 3)]
    [InlineData("mm1-7b", 7)]
    [InlineData("mm1-30b", 30)]
    [InlineData("mm1-3b-moe", 64)]
    [InlineData("mm1-7b-moe", 47)]
    [InlineData("mm1.5-30b", 30)]
    public void CreateModel_OnTheMetaDevice_HasThePublishedNumberOfWeightsAndTakesNoMemory(string name, int billions)
    {
        using var scope = torch.NewDisposeScope();
        var before = Environment.WorkingSet;

        using var model = Mm1Preset.Find(name).CreateModel(LayerFactory.Meta);

        var language = model.Language.parameters().Sum(parameter => parameter.numel());
        Assert.InRange(language, billions * 0.9e9, billions * 1.1e9);
        Assert.All(model.parameters(), parameter => Assert.True(parameter.is_meta));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 300_000_000);
    }

    [Fact]
    public void CreateModel_ForLoading_InitialisesNothing()
    {
        using var scope = torch.NewDisposeScope();
        var before = Environment.WorkingSet;

        // 2.6 GB of bfloat16 that nobody has written to yet take no memory either.
        using var model = Mm1Preset.Find("mm1.5-1b").CreateModel(LayerFactory.ForLoading(torch.CPU, torch.ScalarType.BFloat16));

        Assert.InRange(model.Language.parameters().Sum(parameter => parameter.numel()), 1.2e9, 1.4e9);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 500_000_000);
    }

    [Fact]
    public void All_Presets_SeeAPictureIn144Tokens() => Assert.All(Mm1Preset.All, preset =>
    {
        using var scope = torch.NewDisposeScope();
        using var connector = preset.CreateModel(LayerFactory.Meta).Connector;

        Assert.Equal([1, 27 * 27, 1280], connector.get_parameter("pos_emb")!.shape);
        Assert.Equal((144, 4096), (preset.Connector.NumQueryTokens, preset.Text.MaxPositionEmbeddings));
        Assert.Equal(preset.Text.HiddenSize, connector.get_parameter("readout.2.weight")!.shape[0]);
        Assert.Equal(0, preset.Text.HeadDim % 2);
    });

    [Fact]
    public void Find_UnknownName_ListsTheKnownOnes() =>
        Assert.Contains("mm1.5-3b-moe", Assert.Throws<ArgumentException>(() => Mm1Preset.Find("mm2")).Message, StringComparison.Ordinal);
}
