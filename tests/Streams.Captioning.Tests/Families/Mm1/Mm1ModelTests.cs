using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Vision;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Families.Mm1;

/// <summary>The MM1 composition against the reference classes: CLIP, C-Abstractor, a dense decoder and one with experts.</summary>
public sealed class Mm1ModelTests
{
    private const int ImageToken = 100;

    [Theory]
    [InlineData("dense")]
    [InlineData("moe")]
    public void Forward_GoldenWeights_EqualsTheReference(string kind)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, _, expected) = Load(kind);

        var features = model.Vision.PatchFeatures(expected["pixel_values"]);
        var visual = model.Connector.forward(features);
        var embeddings = model.Merge(expected["input_ids"], visual, ImageToken);
        var trace = new DecoderTrace();
        var hidden = model.Language.Hidden(embeddings, null, trace);

        Golden.AssertClose(expected["vision_tokens_in"], features);
        Golden.AssertClose(expected["visual_tokens"], visual);
        Golden.AssertClose(expected[$"{kind}.inputs_embeds"], embeddings);
        Golden.AssertClose(expected[$"{kind}.hidden_states.1"], trace.Hidden[0]);
        Golden.AssertClose(expected[$"{kind}.hidden_states.2"], trace.Hidden[1]);
        Golden.AssertClose(expected[$"{kind}.hidden_states.4"], hidden);
        Golden.AssertClose(expected[$"{kind}.logits"], model.Language.Logits(hidden));
        Assert.Equal(kind == "moe" ? 2 : 0, trace.RouterLogits.Count);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("moe")]
    public void Decode_GoldenWeights_GivesTheReferenceIds(string kind)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, expected) = Load(kind);
        var embeddings = model.Merge(expected["input_ids"], model.VisualTokens(expected["pixel_values"]), ImageToken);

        var ids = GreedyDecoder.Decode(model.Language, config, embeddings, 10, [], cancellation: TestContext.Current.CancellationToken)[0].Select(token => (long)token.Id);

        Assert.Equal(expected[$"{kind}.greedy_ids"].data<long>().ToArray(), ids);
    }

    [Fact]
    public void Merge_FewerPlacesThanVisualTokens_NamesBothCounts()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, _, expected) = Load("dense");
        var visual = model.VisualTokens(expected["pixel_values"]);

        var error = Assert.Throws<ArgumentException>(() => model.Merge(expected["input_ids"].narrow(1, 0, 4), visual, ImageToken));

        Assert.Contains($"the images give {visual.shape[0] * visual.shape[1]}", error.Message, StringComparison.Ordinal);
    }

    private static (VisionLanguageModel Model, TextConfig Text, IReadOnlyDictionary<string, Tensor> Expected) Load(string kind)
    {
        var text = Golden.Config<TextConfig>(Golden.Json("mm1_tiny/config.json")["text"]!) with { NumLocalExperts = kind == "moe" ? 4 : 0 };
        var model = new VisionLanguageModel(
            Golden.Config<VisionConfig>(Golden.Json("clip_vit_tiny/config.json")),
            Golden.Config<ConnectorConfig>(Golden.Json("cabstractor_tiny/config.json")),
            text,
            LayerFactory.ForLoading(CPU, ScalarType.Float32));
        Golden.Fill(model.Vision, "clip_vit_tiny/model.safetensors");
        Golden.Fill(model.Connector, "cabstractor_tiny/model.safetensors");
        Golden.Fill(model.Language, $"mm1_tiny/lm_{kind}.safetensors");
        return (model, text, Golden.Tensors("mm1_tiny/io.safetensors"));
    }
}
