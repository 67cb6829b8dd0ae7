using System.Text.Json.Nodes;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Tokenization;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Families.SmolVlm;

/// <summary>What is said of a folder that cannot be loaded.</summary>
public sealed class DamagedFolderTests
{
    private const string Weight = "model.text_model.layers.1.self_attn.q_proj.weight";

    [Fact]
    public void Load_TensorMissing_NamesItWithItsShape() => AssertCheckpoint(
        $"tensor {Weight} [24, 24] is missing", folder => folder.ChangeWeights(tensors => tensors.Remove(Weight)));

    [Fact]
    public void Load_TensorLeftOver_NamesItWithItsShape() => AssertCheckpoint(
        "tensor model.resampler.weight [2, 3] has no place", folder => folder.ChangeWeights(tensors => tensors["model.resampler.weight"] = zeros(2, 3)));

    [Fact]
    public void Load_TensorOfAnotherShape_NamesBothShapes() => AssertCheckpoint(
        $"tensor {Weight} [24, 12], config.json asks for [24, 24]", folder => folder.ChangeWeights(tensors => tensors[Weight] = zeros(24, 12)));

    [Fact]
    public void Load_NotANumber_NamesTheTensorAndHowMany() => AssertCheckpoint(
        $"tensor {Weight} [24, 24] has 2 of 576 weights that are no finite numbers", folder => folder.ChangeWeights(tensors =>
        {
            tensors[Weight][3, 4] = float.NaN;
            tensors[Weight][0, 1] = float.PositiveInfinity;
        }));

    [Fact]
    public void Load_VocabularyOfAnotherModel_NamesBothShapes() => AssertCheckpoint(
        "tensor model.text_model.embed_tokens.weight [528, 24], config.json asks for [600, 24]", folder => folder.Change("config.json", json => json["text_config"]!["vocab_size"] = 600));

    [Fact]
    public void Load_FileCutOff_SaysSo() => AssertCheckpoint("cut off", folder =>
    {
        var path = folder.File("model.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
    });

    [Fact]
    public void Load_EmptyWeights_SaysSo() => AssertCheckpoint("0 bytes cannot hold a header", folder => File.WriteAllBytes(folder.File("model.safetensors"), []));

    [Theory]
    [InlineData("model-00002-of-00002.safetensors", "names the shard model-00002-of-00002.safetensors, which is not in the folder")]
    [InlineData("../model.safetensors", "names the shard ../model.safetensors, which is not in the folder")]
    public void Load_ShardMissing_NamesIt(string shard, string expected) => AssertCheckpoint(expected, folder => File.WriteAllText(
        folder.File("model.safetensors.index.json"), new JsonObject { ["weight_map"] = new JsonObject { [Weight] = shard } }.ToJsonString()));

    [Fact]
    public void Load_IndexOfOtherShards_NamesTheTensor() => AssertCheckpoint("tensor absent.weight is to be in model.safetensors", folder => File.WriteAllText(
        folder.File("model.safetensors.index.json"), new JsonObject { ["weight_map"] = new JsonObject { ["absent.weight"] = "model.safetensors" } }.ToJsonString()));

    [Theory]
    [InlineData("config.json", "model_type", "\"llava\"", "model_type: is \"llava\"; loadable are smolvlm and idefics3")]
    [InlineData("config.json", "scale_factor", "3", "scale_factor: is 3; give a divisor of the 4 patches")]
    [InlineData("config.json", "vision_config", "7", "vision_config: is 7 (Number); give a JSON Object")]
    [InlineData("config.json", "vision_config.num_attention_heads", "5", "vision_config.num_attention_heads: is 5; give a divisor of hidden_size 16")]
    [InlineData("config.json", "text_config.num_key_value_heads", "2", "text_config.num_key_value_heads: is 2")]
    [InlineData("config.json", "text_config.hidden_size", "-4", "text_config.hidden_size: is -4; give a whole number from 1")]
    [InlineData("config.json", "text_config.rope_scaling", "{}", "text_config.rope_scaling: is set")]
    [InlineData("preprocessor_config.json", "max_image_size.longest_edge", "64", "preprocessor_config.json: max_image_size.longest_edge: is 64, the encoder takes 32")]
    [InlineData("preprocessor_config.json", "resample", "3", "preprocessor_config.json: resample: is 3")]
    [InlineData("generation_config.json", "eos_token_id", "\"end\"", "generation_config.json: eos_token_id: is end")]
    public void Load_ConfigurationThatCannotBeBuilt_NamesFileFieldAndValue(string file, string field, string value, string expected)
    {
        using var folder = PublishedFolder.Tiny();
        var names = field.Split('.');
        folder.Change(file, json => (names.Length == 1 ? json : json[names[0]]!)[names[^1]] = JsonNode.Parse(value));

        Assert.Contains(expected, Assert.Throws<ModelConfigException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TokenizerOfALargerVocabulary_NamesBothSizes()
    {
        using var folder = PublishedFolder.Tiny();
        folder.Change("tokenizer.json", json => json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 9000, ["content"] = "<extra>" }));

        Assert.Contains("ids up to 9000, text_config.vocab_size is 528", Assert.Throws<TokenizerException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ImageTokenElsewhere_NamesBothIds()
    {
        using var folder = PublishedFolder.Tiny();
        folder.Change("config.json", json => json["image_token_id"] = 517);

        Assert.Contains("<image> is 518, image_token_id of config.json is 517", Assert.Throws<TokenizerException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors")]
    public void Load_FileMissing_NamesIt(string file)
    {
        using var folder = PublishedFolder.Tiny();
        File.Delete(folder.File(file));

        Assert.Contains(folder.File(file), Assert.Throws<FileNotFoundException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    private static void AssertCheckpoint(string expected, Action<PublishedFolder> damage)
    {
        using var folder = PublishedFolder.Tiny();
        damage(folder);

        Assert.Contains(expected, Assert.Throws<CheckpointException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    private static void Load(PublishedFolder folder) =>
        CheckpointCaptioner.Load(new CheckpointOptions { Directory = folder.Path, Device = "cpu" }).Dispose();
}
