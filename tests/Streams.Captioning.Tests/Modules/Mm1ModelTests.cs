using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Modules;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Tokenization;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Modules;

public sealed class Mm1ModelTests
{
    [Fact]
    public void Forward_GoldenDenseWeights_EqualsTheReference()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, _, expected) = Load();

        var features = model.Vision.PatchFeatures(expected["pixel_values"]);
        var visual = model.Connector.forward(features);
        var embeddings = model.Merge(expected["input_ids"], visual, 100);
        List<Tensor> trace = [];
        var hidden = model.Language.Hidden(embeddings, null, trace);

        Golden.AssertClose(expected["vision_tokens_in"], features);
        Golden.AssertClose(expected["visual_tokens"], visual);
        Golden.AssertClose(expected["dense.inputs_embeds"], embeddings);
        Golden.AssertClose(expected["dense.hidden_states.1"], trace[0]);
        Golden.AssertClose(expected["dense.hidden_states.2"], trace[1]);
        Golden.AssertClose(expected["dense.hidden_states.4"], hidden);
        Golden.AssertClose(expected["dense.logits"], model.Language.Logits(hidden));
    }

    [Fact]
    public void Decode_GoldenDenseWeights_GivesTheReferenceIds()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, expected) = Load();
        var embeddings = model.Merge(expected["input_ids"], model.VisualTokens(expected["pixel_values"]), 100);
        var generator = new CaptionGenerator(model, config, new WordTokenizer(["<unk>"], []), CPU);

        var ids = generator.Decode(embeddings, 10, endToken: null)[0].Select(token => (long)token.Id);

        Assert.Equal(expected["dense.greedy_ids"].data<long>().ToArray(), ids);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(37)]
    public void Hidden_InChunksThroughTheCache_EqualsOnePassWithout(int first)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (model, config, expected) = Load();
        var embeddings = expected["dense.inputs_embeds"];
        var count = embeddings.shape[1];
        var cache = new KeyValueCache(config.TextConfig, 1, (int)count, CPU);

        var chunks = new[] { (0L, (long)first), (first, (count - first) / 2), (first + ((count - first) / 2), count - first - ((count - first) / 2)) }
            .Where(chunk => chunk.Item2 > 0)
            .Select(chunk => model.Language.Hidden(embeddings.narrow(1, chunk.Item1, chunk.Item2), cache))
            .ToList();

        Golden.AssertClose(model.Language.Hidden(embeddings, null), cat(chunks, 1), 1e-5);
    }

    [Fact]
    public void Hidden_FewerKeyHeadsThanQueryHeads_CacheEqualsNoCache()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        manual_seed(3);
        var config = Golden.Config<TextConfig>(Golden.Json("mm1_tiny/config.json")["text"]!) with { NumKeyValueHeads = 2 };
        using var decoder = new LlamaDecoder(config);
        var embeddings = randn(2, 7, config.HiddenSize);
        var cache = new KeyValueCache(config, 2, 7, CPU);

        var steps = Enumerable.Range(0, 7).Select(i => decoder.Hidden(embeddings.narrow(1, i, 1), cache)).ToList();

        Golden.AssertClose(decoder.Hidden(embeddings, null), cat(steps, 1), 1e-5);
    }

    private static (Mm1Model Model, CaptionerConfig Config, IReadOnlyDictionary<string, Tensor> Expected) Load()
    {
        var json = Golden.Json("mm1_tiny/config.json");
        var config = new CaptionerConfig
        {
            Name = "golden",
            Version = "1",
            VisionConfig = Golden.Config<VisionConfig>(Golden.Json("clip_vit_tiny/config.json")),
            ConnectorConfig = Golden.Config<ConnectorConfig>(Golden.Json("cabstractor_tiny/config.json")),
            TextConfig = Golden.Config<TextConfig>(json["text"]!),
            ImageMean = [0, 0, 0],
            ImageStd = [1, 1, 1],
            FramesPerClip = 3,
            ImageTokenId = 100,
            FrameTokenId = 5,
            BosTokenId = 1,
            EosTokenId = 2,
            MaxNewTokens = 10,
        };
        var model = new Mm1Model(config.VisionConfig, config.ConnectorConfig, config.TextConfig);
        Fill(model.Vision, "clip_vit_tiny/model.safetensors");
        Fill(model.Connector, "cabstractor_tiny/model.safetensors");
        Fill(model.Language, "mm1_tiny/lm_dense.safetensors");
        return (model, config, Golden.Tensors("mm1_tiny/io.safetensors"));
    }

    private static void Fill(nn.Module module, string path) =>
        ModelFolder.Load(path, module.named_parameters().Select(entry => (entry.name, (Tensor)entry.parameter)), Golden.Tensors(path));
}
