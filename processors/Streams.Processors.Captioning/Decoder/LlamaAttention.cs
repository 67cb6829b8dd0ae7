using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>Grouped-query attention (arXiv 2305.13245) with rotary positions.</summary>
internal sealed class LlamaAttention : Module
{
    private readonly TextConfig _config;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    public LlamaAttention(TextConfig config, LayerFactory layers)
        : base(nameof(LlamaAttention))
    {
        _config = config;
        _query = layers.Linear(config.HiddenSize, config.NumAttentionHeads * config.HeadDim, bias: false);
        _key = layers.Linear(config.HiddenSize, config.NumKeyValueHeads * config.HeadDim, bias: false);
        _value = layers.Linear(config.HiddenSize, config.NumKeyValueHeads * config.HeadDim, bias: false);
        _output = layers.Linear(config.NumAttentionHeads * config.HeadDim, config.HiddenSize, bias: false);
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
