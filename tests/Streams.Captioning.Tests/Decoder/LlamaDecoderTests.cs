using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Decoder;

public sealed class LlamaDecoderTests
{
    private static readonly TextConfig Config = new()
    {
        HiddenSize = 48,
        IntermediateSize = 96,
        NumHiddenLayers = 3,
        NumAttentionHeads = 6,
        NumKeyValueHeads = 2,
        HeadDim = 8,
        VocabSize = 61,
        MaxPositionEmbeddings = 64,
    };

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 0)]
    [InlineData(19, 0)]
    [InlineData(5, 4)]
    public void Hidden_InChunksThroughTheCache_EqualsOnePassWithout(int first, int experts)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        manual_seed(3);
        var config = Config with { NumLocalExperts = experts };
        using var decoder = new LlamaDecoder(config, LayerFactory.ForTraining);
        var embeddings = randn(2, 20, config.HiddenSize);
        var cache = new KeyValueCache(config, 2, 20, CPU);

        var chunks = new[] { (0, first), (first, (20 - first) / 2), (first + ((20 - first) / 2), 20 - first - ((20 - first) / 2)) }
            .Where(chunk => chunk.Item2 > 0)
            .Select(chunk => decoder.Hidden(embeddings.narrow(1, chunk.Item1, chunk.Item2), cache))
            .ToList();

        Golden.AssertClose(decoder.Hidden(embeddings, null), cat(chunks, 1), 1e-5);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(40, 0)]
    [InlineData(40, 4)]
    public void Prefill_LastTokensAlone_AsOfTheWholePassAndTheCacheGoesOnAlike(int tokens, int experts)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(4);
        var config = Config with { NumLocalExperts = experts };
        using var decoder = new LlamaDecoder(config, LayerFactory.ForTraining);
        var (prompts, next) = (randn(3, tokens, config.HiddenSize), randn(3, 1, config.HiddenSize));
        var (whole, last) = (new KeyValueCache(config, 3, tokens + 1, CPU), new KeyValueCache(config, 3, tokens + 1, CPU));

        Golden.AssertClose(decoder.Hidden(prompts, whole).select(1, tokens - 1), decoder.Prefill(prompts, last), 1e-5);
        Golden.AssertClose(decoder.Hidden(next, whole), decoder.Hidden(next, last), 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_BatchPaddedOnTheLeft_EqualsOneByOne(bool experts)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        manual_seed(5);
        var config = Config with { NumLocalExperts = experts ? 4 : 0 };
        using var decoder = new LlamaDecoder(config, LayerFactory.ForTraining);
        int[] lengths = [17, 3, 9, 1];
        var prompts = lengths.Select(length => randn(1, length, config.HiddenSize)).ToList();
        var longest = lengths.Max();
        // What stands in the padding must not matter, so it is large.
        var batch = cat([.. prompts.Select(prompt => cat([ones(1, longest - prompt.shape[1], config.HiddenSize) * 50, prompt], 1))], 0);
        var mask = tensor([.. lengths.SelectMany(length => Enumerable.Range(0, longest).Select(i => i < longest - length ? 0L : 1L))]).view(lengths.Length, longest);

        var alone = prompts.Select(prompt => GreedyDecoder.Decode(decoder, config, prompt, 12, [], cancellation: TestContext.Current.CancellationToken)[0]).ToList();
        var together = GreedyDecoder.Decode(decoder, config, batch, 12, [], mask, cancellation: TestContext.Current.CancellationToken);

        for (var i = 0; i < lengths.Length; i++)
        {
            Assert.Equal(alone[i].Select(token => token.Id), together[i].Select(token => token.Id));
            Assert.All(alone[i].Zip(together[i]), pair => Assert.Equal(pair.First.LogProbability, pair.Second.LogProbability, 1e-4));
        }
    }

    [Fact]
    public void Decode_EndToken_EndsThatSequenceAlone()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        manual_seed(5);
        using var decoder = new LlamaDecoder(Config, LayerFactory.ForTraining);
        var prompts = randn(3, 4, Config.HiddenSize);
        var free = GreedyDecoder.Decode(decoder, Config, prompts, 8, [], cancellation: TestContext.Current.CancellationToken);
        var end = free[0][2].Id;

        var ended = GreedyDecoder.Decode(decoder, Config, prompts, 8, [end], cancellation: TestContext.Current.CancellationToken);

        for (var i = 0; i < 3; i++)
        {
            var until = Array.FindIndex(free[i], token => token.Id == end);
            Assert.Equal(free[i].Take(until < 0 ? 8 : until + 1).Select(token => token.Id), ended[i].Select(token => token.Id));
        }
    }

    [Fact]
    public void Decode_LongerThanTheContext_NamesBothLengths()
    {
        using var scope = NewDisposeScope();
        using var decoder = new LlamaDecoder(Config, LayerFactory.Meta);

        var error = Assert.Throws<PromptTooLongException>(() => GreedyDecoder.Decode(decoder, Config, zeros(1, 60, Config.HiddenSize), 5, [], cancellation: TestContext.Current.CancellationToken));

        Assert.Equal((65, 64), (error.Tokens, error.Limit));
    }

    [Fact]
    public void Logits_TiedHead_AreProductsWithTheEmbeddings()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var decoder = new LlamaDecoder(Config with { TieWordEmbeddings = true }, LayerFactory.ForTraining);
        var hidden = randn(1, 2, Config.HiddenSize);
        var rows = decoder.Embed(arange(Config.VocabSize));

        Assert.DoesNotContain("lm_head.weight", decoder.named_parameters().Select(entry => entry.name));
        Golden.AssertClose(hidden.matmul(rows.t()), decoder.Logits(hidden));
    }
}
