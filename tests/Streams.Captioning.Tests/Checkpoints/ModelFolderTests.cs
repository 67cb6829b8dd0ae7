using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Training;
using TorchSharp;

namespace Streams.Captioning.Tests.Checkpoints;

public sealed class ModelFolderTests
{
    private const string Tensor = "model.layers.1.self_attn.q_proj.weight";

    [Fact]
    public void Write_ThenRead_SameWeightsConfigAndTokenizer()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (config, model) = Create(folder.Path);

        var copy = ModelFolder.ReadModel(folder.Path, ModelFolder.ReadConfig(folder.Path));

        Assert.Equal(config.TextConfig, ModelFolder.ReadConfig(folder.Path).TextConfig);
        Assert.Equal(TinyModel.CreateTokenizer().ToJson(), ModelFolder.ReadTokenizer(folder.Path).ToJson());
        Assert.All(
            model.named_parameters().Zip(copy.named_parameters()),
            pair => Assert.Equal(pair.First.parameter.data<float>().ToArray(), pair.Second.parameter.data<float>().ToArray()));
    }

    [Theory]
    [InlineData("missing", "tensor model.layers.1.self_attn.q_proj.weight [96, 96] is missing")]
    [InlineData("extra", "tensor surplus [2, 3] has no place")]
    [InlineData("not a number", "tensor model.layers.1.self_attn.q_proj.weight [96, 96] has values that are not finite")]
    [InlineData("shape", "tensor model.layers.1.self_attn.q_proj.weight is [2, 3], config.json asks for [96, 96]")]
    public void ReadModel_WeightsThatDoNotFit_NamesTensorAndShape(string damage, string expected)
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (config, _) = Create(folder.Path);
        var path = Path.Combine(folder.Path, ModelFolder.WeightsFile);
        var tensors = SafetensorsFile.Read(path).ToDictionary();
        switch (damage)
        {
            case "missing":
                tensors.Remove(Tensor);
                break;
            case "not a number":
                tensors[Tensor][3, 4] = double.NaN;
                break;
            case "extra":
                tensors["surplus"] = torch.zeros(2, 3);
                break;
            default:
                tensors[Tensor] = torch.zeros(2, 3);
                break;
        }

        SafetensorsFile.Write(path, tensors.Select(entry => (entry.Key, entry.Value)), new Dictionary<string, string>());

        var error = Assert.Throws<CheckpointException>(() => ModelFolder.ReadModel(folder.Path, config));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"hidden_size\"", "\"hidden_sizes\"", "hidden_size")]
    [InlineData("\"patch_size\": 8", "\"patch_size\": \"eight\"", "patch_size")]
    [InlineData("\"patch_size\": 8", "\"patch_size\": 4", "stem_channels")]
    [InlineData("gelu_pytorch_tanh", "swish", "hidden_act")]
    public void ReadModel_ConfigThatCannotBeBuilt_NamesTheField(string found, string replacement, string field)
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        Create(folder.Path);
        var path = Path.Combine(folder.Path, ModelFolder.ConfigFile);
        File.WriteAllText(path, File.ReadAllText(path).Replace(found, replacement, StringComparison.Ordinal));

        var error = Assert.Throws<ModelConfigException>(() => ModelFolder.ReadModel(folder.Path, ModelFolder.ReadConfig(folder.Path)));

        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    private static (CaptionerConfig Config, VisionLanguageModel Model) Create(string folder)
    {
        var tokenizer = TinyModel.CreateTokenizer();
        var config = TinyModel.CreateConfig(tokenizer, "test");
        var model = new VisionLanguageModel(config.VisionConfig, config.ConnectorConfig, config.TextConfig, LayerFactory.ForTraining);
        ModelFolder.Write(folder, config, tokenizer, model);
        return (config, model);
    }
}
