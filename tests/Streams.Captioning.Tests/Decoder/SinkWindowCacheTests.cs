using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Decoder;

public sealed class SinkWindowCacheTests
{
    private const int Sinks = 4;
    private const int Window = 12;

    private static readonly TextConfig Config = new()
    {
        HiddenSize = 24,
        IntermediateSize = 40,
        NumHiddenLayers = 3,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        HeadDim = 6,
        VocabSize = 31,
        MaxPositionEmbeddings = 16,
    };

    [Fact]
    public void Stream_OneLayer_EqualsAFreshPassOverSinksAndWindow()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (decoder, tokens) = Make(Config with { NumHiddenLayers = 1 }, 100);
        using var cache = new SinkWindowCache(Config with { NumHiddenLayers = 1 }, Sinks, Window, CPU);

        for (var i = 0; i < 100; i++)
        {
            var streamed = decoder.Stream(tokens.narrow(1, i, 1), cache);
            var kept = i < Sinks + Window ? tokens.narrow(1, 0, i + 1) : cat([tokens.narrow(1, 0, Sinks), tokens.narrow(1, i + 1 - Window, Window)], 1);
            Golden.AssertClose(decoder.Hidden(kept, null)[0, -1], streamed[0, 0], 1e-5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    public void Stream_AllLayersInChunks_EqualsTheFormulaFromScratch(int chunk)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (decoder, tokens) = Make(Config, 60);
        using var cache = new SinkWindowCache(Config, Sinks, Window, CPU);

        var streamed = Enumerable.Range(0, 60 / chunk).Select(i => decoder.Stream(tokens.narrow(1, i * chunk, chunk), cache)).ToList();

        Golden.AssertClose(FromScratch(decoder, tokens[0], chunk), cat(streamed, 1)[0], 1e-4);
    }

    [Fact]
    public void Stream_ForEver_HoldsWhatItHeldAndStaysWithinTheContext()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (decoder, tokens) = Make(Config, 12);
        using var cache = new SinkWindowCache(Config, Sinks, Window, CPU);
        var bytes = cache.Bytes;

        for (var i = 0; i < 300; i++)
        {
            using var step = NewDisposeScope();
            Assert.True(decoder.Stream(tokens, cache).isfinite().all().item<bool>());
        }

        Assert.Equal((3600L, 16, bytes), (cache.Seen, cache.Length, cache.Bytes));
    }

    [Fact]
    public void Stream_MoreAtOnceThanTheWindow_SaysSo()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (decoder, tokens) = Make(Config, 13);
        using var cache = new SinkWindowCache(Config, Sinks, Window, CPU);

        Assert.Contains("window of 12", Assert.Throws<ArgumentException>(() => decoder.Stream(tokens, cache)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_MoreThanTheContext_NamesBoth()
    {
        var error = Assert.Throws<PromptTooLongException>(() => new SinkWindowCache(Config, 4, 13, CPU));

        Assert.Equal((17, 16), (error.Tokens, error.Limit));
    }

    private static (LlamaDecoder Decoder, Tensor Tokens) Make(TextConfig config, int tokens)
    {
        manual_seed(6);
        return (new LlamaDecoder(config, LayerFactory.ForTraining), randn(1, tokens, config.HiddenSize));
    }

    // Layer after layer, token after token: what each may see, with the positions that these have at that moment.
    private static Tensor FromScratch(LlamaDecoder decoder, Tensor tokens, int chunk)
    {
        var weights = decoder.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter);
        Tensor Norm(Tensor x, string name) => x * (x.square().mean([-1L], keepdim: true) + Config.RmsNormEps).rsqrt() * weights[name];
        var hidden = tokens;
        for (var layer = 0; layer < Config.NumHiddenLayers; layer++)
        {
            var name = $"model.layers.{layer}.";
            var input = Norm(hidden, name + "input_layernorm.weight");
            Tensor Project(string part, int heads) => input.matmul(weights[$"{name}self_attn.{part}_proj.weight"].t()).view(-1, heads, Config.HeadDim);
            var (query, key, value) = (Project("q", Config.NumAttentionHeads), Project("k", Config.NumKeyValueHeads), Project("v", Config.NumKeyValueHeads));
            var mixed = Enumerable.Range(0, (int)hidden.shape[0]).Select(t =>
            {
                var end = ((t / chunk) + 1) * chunk;
                int[] kept = [.. Enumerable.Range(0, end).Where(j => j < Sinks || j >= end - Window)];
                var seen = kept.Where(j => j <= t).Select(j => (Token: j, Position: Array.IndexOf(kept, j))).ToArray();
                var heads = Enumerable.Range(0, Config.NumAttentionHeads).Select(head =>
                {
                    var group = head / (Config.NumAttentionHeads / Config.NumKeyValueHeads);
                    var q = Rotate(query[t, head], seen[^1].Position);
                    var scores = stack([.. seen.Select(entry => q.dot(Rotate(key[entry.Token, group], entry.Position)) / Math.Sqrt(Config.HeadDim))]);
                    return scores.softmax(0).matmul(stack([.. seen.Select(entry => value[entry.Token, group])]));
                });
                return cat([.. heads], 0);
            });
            hidden = hidden + stack([.. mixed]).matmul(weights[name + "self_attn.o_proj.weight"].t());
            var wide = Norm(hidden, name + "post_attention_layernorm.weight");
            var gate = wide.matmul(weights[name + "mlp.gate_proj.weight"].t());
            var inner = gate * gate.sigmoid() * wide.matmul(weights[name + "mlp.up_proj.weight"].t());
            hidden = hidden + inner.matmul(weights[name + "mlp.down_proj.weight"].t());
        }

        return Norm(hidden, "model.norm.weight");
    }

    private static Tensor Rotate(Tensor head, int position)
    {
        var half = Config.HeadDim / 2;
        var angles = arange(half, dtype: ScalarType.Float32).mul(-2.0 / Config.HeadDim * Math.Log(Config.RopeTheta)).exp() * position;
        var (first, second) = (head.narrow(0, 0, half), head.narrow(0, half, half));
        return cat([(first * angles.cos()) - (second * angles.sin()), (second * angles.cos()) + (first * angles.sin())], 0);
    }
}
