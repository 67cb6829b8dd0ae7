using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Families.SmolVlm;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Families.SmolVlm;

/// <summary>SmolVLM against the reference class: a clip of three frames, and a padded picture.</summary>
public sealed class SmolVlmGoldenTests
{
    private const string Folder = "smolvlm_tiny";

    [Fact]
    public void Forward_ClipOfThreeFrames_EqualsTheReferenceStageByStage()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, expected) = Load("case_a_video3");
        var pixels = expected["pixel_values"].flatten(0, 1);

        var features = model.Vision.PatchFeatures(pixels);
        var states = model.Vision.Transformer.HiddenStates(pixels.narrow(0, 0, 1));
        var visual = model.VisualTokens(pixels);
        var embeddings = model.Merge(expected["input_ids"], visual, config.ImageTokenId);
        var trace = new DecoderTrace();
        var hidden = model.Language.Hidden(embeddings, null, trace);

        Golden.AssertClose(expected["vision.embeddings"], model.Vision.Transformer.Embeddings.forward(pixels, null));
        for (var layer = 0; layer < 3; layer++)
        {
            Golden.AssertClose(expected[$"vision.layer{layer}"], states[layer + 1]);
        }

        Golden.AssertClose(expected["vision.post_layernorm"], features);
        Golden.AssertClose(expected["connector.pixel_shuffle"], ((PixelShuffle)model.Connector).Shuffle(features.narrow(0, 0, 1)));
        Golden.AssertClose(expected["connector.output"], visual);
        Golden.AssertClose(expected["text.inputs_embeds"], embeddings);
        for (var layer = 0; layer < 4; layer++)
        {
            Golden.AssertClose(expected[$"text.layer{layer}"], trace.Hidden[layer]);
        }

        Golden.AssertClose(expected["text.norm"], hidden);
        Golden.AssertClose(expected["logits"], model.Language.Logits(hidden));
    }

    [Fact]
    public void Fuse_ClipOfThreeFrames_StillEqualsTheReference()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, expected) = Load("case_a_video3");
        var names = model.named_parameters().Select(entry => (entry.name, string.Join(',', entry.parameter.shape))).ToList();

        model.Fuse(kernels: true);
        var embeddings = Embed(model, config, expected);
        var ids = expected["greedy_ids"].data<long>().ToArray();
        var output = GreedyDecoder.Decode(model.Language, config.Text, embeddings, ids.Length, [], cancellation: TestContext.Current.CancellationToken);

        Golden.AssertClose(expected["logits"], model.Language.forward(embeddings));
        Assert.Equal(ids, output[0].Select(token => (long)token.Id));
        Assert.Equal(names, model.named_parameters().Select(entry => (entry.name, string.Join(',', entry.parameter.shape))));
    }

    [Fact]
    public void Forward_PaddedPicture_EqualsTheReference()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, expected) = Load("case_b_padded_image");
        var pixels = expected["pixel_values"].flatten(0, 1);
        var mask = model.Vision.Transformer.PatchMask(expected["pixel_attention_mask"].flatten(0, 1));

        var features = model.Vision.PatchFeatures(pixels, mask);
        var embeddings = model.Merge(expected["input_ids"], model.VisualTokens(pixels, mask), config.ImageTokenId);

        Assert.Equal(expected["vision.position_ids"].data<long>().ToArray(), model.Vision.Transformer.Embeddings.FractionalIds(mask).data<long>().ToArray());
        Golden.AssertClose(expected["vision.embeddings"], model.Vision.Transformer.Embeddings.forward(pixels, mask));
        Golden.AssertClose(expected["vision.post_layernorm"], features);
        Golden.AssertClose(expected["logits"], model.Language.forward(embeddings));
    }

    [Theory]
    [InlineData("case_a_video3")]
    [InlineData("case_b_padded_image")]
    public void Decode_GoldenWeights_GivesTheReferenceIds(string name)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, expected) = Load(name);
        var ids = expected["greedy_ids"].data<long>().ToArray();

        var output = GreedyDecoder.Decode(model.Language, config.Text, Embed(model, config, expected), ids.Length, [], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(ids, output[0].Select(token => (long)token.Id));
    }

    [Fact]
    public void Decode_BothPaddedOnTheLeftInOneBatch_GivesTheReferenceIdsOfEach()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, clip) = Load("case_a_video3");
        var picture = Golden.Tensors($"{Folder}/case_b_padded_image.safetensors");

        var (embeddings, mask) = LeftPadding.Stack([Embed(model, config, clip), Embed(model, config, picture)]);
        var outputs = GreedyDecoder.Decode(model.Language, config.Text, embeddings, 12, [], mask, TestContext.Current.CancellationToken);

        Assert.NotNull(mask);
        Assert.Equal(clip["greedy_ids"].data<long>().ToArray(), outputs[0].Select(token => (long)token.Id));
        Assert.Equal(picture["greedy_ids"].data<long>().ToArray(), outputs[1].Take(8).Select(token => (long)token.Id));
    }

    private static Tensor Embed(VisionLanguageModel model, SmolVlmConfig config, IReadOnlyDictionary<string, Tensor> inputs)
    {
        var mask = inputs.TryGetValue("pixel_attention_mask", out var pixels) ? model.Vision.Transformer.PatchMask(pixels.flatten(0, 1)) : null;
        return model.Merge(inputs["input_ids"], model.VisualTokens(inputs["pixel_values"].flatten(0, 1), mask), config.ImageTokenId);
    }

    private static (VisionLanguageModel Model, SmolVlmConfig Config, IReadOnlyDictionary<string, Tensor> Expected) Load(string name)
    {
        var folder = Path.Combine(Golden.Folder, Folder);
        var config = SmolVlmConfigReader.Read(folder);
        using var shards = CheckpointShards.Open(folder);
        return (SmolVlmSession.LoadModel(config, shards, CPU, ScalarType.Float32), config, Golden.Tensors($"{Folder}/{name}.safetensors"));
    }
}
