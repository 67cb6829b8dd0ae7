using Streams.Processors.Captioning.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Modules;

/// <summary>A pre-norm transformer layer of the image encoder.</summary>
internal sealed class VisionLayer : Module<Tensor, Tensor>
{
    private readonly LayerNorm _norm1;
    private readonly VisionAttention _attention;
    private readonly LayerNorm _norm2;
    private readonly VisionMlp _mlp;

    public VisionLayer(VisionConfig config)
        : base(nameof(VisionLayer))
    {
        _norm1 = LayerNorm(config.HiddenSize, config.LayerNormEps);
        _attention = new VisionAttention(config);
        _norm2 = LayerNorm(config.HiddenSize, config.LayerNormEps);
        _mlp = new VisionMlp(config);
        register_module("layer_norm1", _norm1);
        register_module("self_attn", _attention);
        register_module("layer_norm2", _norm2);
        register_module("mlp", _mlp);
    }

    public override Tensor forward(Tensor hidden)
    {
        hidden = hidden + _attention.forward(_norm1.forward(hidden));
        return hidden + _mlp.forward(_norm2.forward(hidden));
    }
}

internal sealed class VisionAttention : Module<Tensor, Tensor>
{
    private readonly int _heads;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    public VisionAttention(VisionConfig config)
        : base(nameof(VisionAttention))
    {
        _heads = config.NumAttentionHeads;
        _query = Linear(config.HiddenSize, config.HiddenSize);
        _key = Linear(config.HiddenSize, config.HiddenSize);
        _value = Linear(config.HiddenSize, config.HiddenSize);
        _output = Linear(config.HiddenSize, config.HiddenSize);
        register_module("q_proj", _query);
        register_module("k_proj", _key);
        register_module("v_proj", _value);
        register_module("out_proj", _output);
    }

    public override Tensor forward(Tensor hidden)
    {
        var (batch, tokens, width) = (hidden.shape[0], hidden.shape[1], hidden.shape[2]);
        Tensor Split(Linear projection) => projection.forward(hidden).view(batch, tokens, _heads, -1).transpose(1, 2);
        var mixed = functional.scaled_dot_product_attention(Split(_query), Split(_key), Split(_value));
        return _output.forward(mixed.transpose(1, 2).reshape(batch, tokens, width));
    }
}

internal sealed class VisionMlp : Module<Tensor, Tensor>
{
    private readonly Linear _up;
    private readonly Linear _down;

    public VisionMlp(VisionConfig config)
        : base(nameof(VisionMlp))
    {
        if (config.HiddenAct != "quick_gelu")
        {
            throw new ModelConfigException("vision_config.hidden_act", $"\"{config.HiddenAct}\" is not built; give \"quick_gelu\"");
        }

        _up = Linear(config.HiddenSize, config.IntermediateSize);
        _down = Linear(config.IntermediateSize, config.HiddenSize);
        register_module("fc1", _up);
        register_module("fc2", _down);
    }

    public override Tensor forward(Tensor hidden)
    {
        var wide = _up.forward(hidden);
        return _down.forward(wide * sigmoid(wide * 1.702)); // quick GELU
    }
}
