using Streams.Processors.Captioning.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Modules;

/// <summary>A decoder layer: grouped-query attention and a SwiGLU feed-forward, both after RMS normalisation.</summary>
internal sealed class LlamaLayer : Module
{
    private readonly RootMeanSquareNorm _attentionNorm;
    private readonly LlamaAttention _attention;
    private readonly RootMeanSquareNorm _mlpNorm;
    private readonly LlamaMlp _mlp;

    public LlamaLayer(TextConfig config)
        : base(nameof(LlamaLayer))
    {
        _attentionNorm = new RootMeanSquareNorm(config.HiddenSize, config.RmsNormEps);
        _attention = new LlamaAttention(config);
        _mlpNorm = new RootMeanSquareNorm(config.HiddenSize, config.RmsNormEps);
        _mlp = new LlamaMlp(config);
        register_module("input_layernorm", _attentionNorm);
        register_module("self_attn", _attention);
        register_module("post_attention_layernorm", _mlpNorm);
        register_module("mlp", _mlp);
    }

    public Tensor Apply(Tensor hidden, Tensor cosine, Tensor sine, Tensor? mask, KeyValueCache? cache, int layer)
    {
        hidden = hidden + _attention.Apply(_attentionNorm.forward(hidden), cosine, sine, mask, cache, layer);
        return hidden + _mlp.forward(_mlpNorm.forward(hidden));
    }
}

internal sealed class LlamaAttention : Module
{
    private readonly TextConfig _config;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    public LlamaAttention(TextConfig config)
        : base(nameof(LlamaAttention))
    {
        _config = config;
        _query = Linear(config.HiddenSize, config.NumAttentionHeads * config.HeadDim, hasBias: false);
        _key = Linear(config.HiddenSize, config.NumKeyValueHeads * config.HeadDim, hasBias: false);
        _value = Linear(config.HiddenSize, config.NumKeyValueHeads * config.HeadDim, hasBias: false);
        _output = Linear(config.NumAttentionHeads * config.HeadDim, config.HiddenSize, hasBias: false);
        register_module("q_proj", _query);
        register_module("k_proj", _key);
        register_module("v_proj", _value);
        register_module("o_proj", _output);
    }

    public Tensor Apply(Tensor hidden, Tensor cosine, Tensor sine, Tensor? mask, KeyValueCache? cache, int layer)
    {
        var (batch, count) = (hidden.shape[0], hidden.shape[1]);
        Tensor Split(Linear projection, int heads) => projection.forward(hidden).view(batch, count, heads, _config.HeadDim).transpose(1, 2);
        var query = RotaryTable.Rotate(Split(_query, _config.NumAttentionHeads), cosine, sine);
        var key = RotaryTable.Rotate(Split(_key, _config.NumKeyValueHeads), cosine, sine);
        var value = Split(_value, _config.NumKeyValueHeads);
        if (cache is not null)
        {
            (key, value) = cache.Append(layer, key, value);
        }

        var group = _config.NumAttentionHeads / _config.NumKeyValueHeads;
        if (group > 1)
        {
            key = key.repeat_interleave(group, 1);
            value = value.repeat_interleave(group, 1);
        }

        var mixed = functional.scaled_dot_product_attention(query, key, value, mask, is_casual: mask is null && count > 1);
        return _output.forward(mixed.transpose(1, 2).reshape(batch, count, -1));
    }
}

internal sealed class LlamaMlp : Module<Tensor, Tensor>
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;

    public LlamaMlp(TextConfig config)
        : base(nameof(LlamaMlp))
    {
        _gate = Linear(config.HiddenSize, config.IntermediateSize, hasBias: false);
        _up = Linear(config.HiddenSize, config.IntermediateSize, hasBias: false);
        _down = Linear(config.IntermediateSize, config.HiddenSize, hasBias: false);
        register_module("gate_proj", _gate);
        register_module("up_proj", _up);
        register_module("down_proj", _down);
    }

    public override Tensor forward(Tensor hidden) =>
        _down.forward(functional.silu(_gate.forward(hidden)) * _up.forward(hidden));
}

internal sealed class RootMeanSquareNorm : Module<Tensor, Tensor>
{
    private readonly Parameter _weight;
    private readonly double _epsilon;

    public RootMeanSquareNorm(int size, double epsilon)
        : base(nameof(RootMeanSquareNorm))
    {
        _epsilon = epsilon;
        _weight = Parameter(ones(size));
        register_parameter("weight", _weight);
    }

    public override Tensor forward(Tensor hidden) =>
        hidden * (hidden.square().mean([-1L], keepdim: true) + _epsilon).rsqrt() * _weight;
}
