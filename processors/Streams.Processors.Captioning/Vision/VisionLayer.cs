using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Vision;

/// <summary>A pre-norm transformer layer of the image encoder.</summary>
internal sealed class VisionLayer : Module<Tensor, Tensor?, Tensor>, IFusable
{
    private readonly LayerNorm _norm1;
    private readonly VisionAttention _attention;
    private readonly LayerNorm _norm2;
    private readonly VisionMlp _mlp;
    private readonly double _epsilon;
    private CudaKernels? _kernels;

    public VisionLayer(VisionConfig config, LayerFactory layers)
        : base(nameof(VisionLayer))
    {
        _epsilon = config.LayerNormEps;
        _norm1 = layers.LayerNorm(config.HiddenSize, config.LayerNormEps);
        _attention = new VisionAttention(config, layers);
        _norm2 = layers.LayerNorm(config.HiddenSize, config.LayerNormEps);
        _mlp = new VisionMlp(config, layers);
        register_module("layer_norm1", _norm1);
        register_module("self_attn", _attention);
        register_module("layer_norm2", _norm2);
        register_module("mlp", _mlp);
    }

    /// <summary>Hidden states (B, N, C); patches that the mask (B, 1, 1, N) leaves out are seen by none.</summary>
    public override Tensor forward(Tensor hidden, Tensor? mask)
    {
        hidden = hidden.Plus(_attention.forward(_norm1.Normalize(hidden, _epsilon, _kernels), mask));
        return hidden.Plus(_mlp.forward(_norm2.Normalize(hidden, _epsilon, _kernels)));
    }

    public void Fuse(CudaKernels? kernels) => _kernels = kernels;
}

internal sealed class VisionAttention : Module<Tensor, Tensor?, Tensor>, IFusable
{
    private readonly int _heads;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private FusedLinear? _all;

    public VisionAttention(VisionConfig config, LayerFactory layers)
        : base(nameof(VisionAttention))
    {
        _heads = config.NumAttentionHeads;
        _query = layers.Linear(config.HiddenSize, config.HiddenSize);
        _key = layers.Linear(config.HiddenSize, config.HiddenSize);
        _value = layers.Linear(config.HiddenSize, config.HiddenSize);
        _output = layers.Linear(config.HiddenSize, config.HiddenSize);
        register_module("q_proj", _query);
        register_module("k_proj", _key);
        register_module("v_proj", _value);
        register_module("out_proj", _output);
    }

    public override Tensor forward(Tensor hidden, Tensor? mask)
    {
        var (batch, tokens, width) = (hidden.size(0), hidden.size(1), hidden.size(2));
        Tensor Split(Tensor projected) => projected.view(batch, tokens, _heads, -1).transpose(1, 2);
        var (query, key, value) = _all is null
            ? (_query.Project(hidden), _key.Project(hidden), _value.Project(hidden))
            : Thirds(_all.Apply(hidden), width);
        (query, key, value) = (Split(query), Split(key), Split(value));
        var mixed = (mask is null ? CpuAttention.TryApply(query, key, value, causal: false) : null) ?? functional.scaled_dot_product_attention(query, key, value, mask);
        return _output.Project(mixed.transpose(1, 2).reshape(batch, tokens, width));
    }

    public void Fuse(CudaKernels? kernels) => _all = new FusedLinear(_query, _key, _value);

    private static (Tensor Query, Tensor Key, Tensor Value) Thirds(Tensor all, long width) =>
        (all.narrow(2, 0, width), all.narrow(2, width, width), all.narrow(2, 2 * width, width));
}

internal sealed class VisionMlp : Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _activation;
    private readonly bool _isTanhGelu;
    private readonly Linear _up;
    private readonly Linear _down;

    public VisionMlp(VisionConfig config, LayerFactory layers)
        : base(nameof(VisionMlp))
    {
        _activation = Activations.Find("vision_config.hidden_act", config.HiddenAct);
        _isTanhGelu = config.HiddenAct == Activations.TanhGelu;
        _up = layers.Linear(config.HiddenSize, config.IntermediateSize);
        _down = layers.Linear(config.IntermediateSize, config.HiddenSize);
        register_module("fc1", _up);
        register_module("fc2", _down);
    }

    public override Tensor forward(Tensor hidden)
    {
        if (_isTanhGelu && hidden.device_type == DeviceType.CUDA)
        {
            return _down.Project(Projections.AsRows(hidden, rows => TorchScripts.LinearGelu(rows, _up.weight, _up.bias!)));
        }

        var wide = _up.Project(hidden);
        return _down.Project(_activation(wide));
    }
}
