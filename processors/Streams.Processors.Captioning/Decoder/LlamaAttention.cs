using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>Grouped-query attention (arXiv 2305.13245) with rotary positions.</summary>
internal sealed class LlamaAttention : Module, IFusable
{
    private readonly TextConfig _config;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private FusedLinear? _all;
    private FusedLinear? _keyAndValue;

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

    public Tensor Apply(Tensor hidden, AttentionContext context, int layer)
    {
        var (batch, count) = (hidden.size(0), hidden.size(1));
        var (query, key, value) = ProjectAndStore(hidden, context, layer);
        key = context.KeyAngles is { } angles ? RotaryTable.Rotate(key, angles.Cosine, angles.Sine) : key;
        if (count == 1)
        {
            // The heads that share keys as so many queries: what is cached is read as it lies, not repeated.
            query = query.reshape(batch, _config.NumKeyValueHeads, -1, _config.HeadDim);
        }
        else
        {
            (key, value) = (Shared(key), Shared(value));
        }

        var causal = context.Mask is null && count > 1;
        var mixed = (causal ? CpuAttention.TryApply(query, key, value, causal) : null)
            ?? functional.scaled_dot_product_attention(query, key, value, context.Mask, is_casual: causal);
        mixed = count == 1 ? mixed.reshape(batch, _config.NumAttentionHeads, 1, _config.HeadDim) : mixed;
        return _output.Project(mixed.transpose(1, 2).reshape(batch, count, -1));
    }

    /// <summary>What the last <paramref name="wanted"/> tokens of a first chunk (B, N, D) see, (B, wanted, D); keys and values of all of them are stored.</summary>
    public Tensor ApplyToLast(Tensor hidden, AttentionContext context, int layer, int wanted)
    {
        var (batch, count) = (hidden.size(0), hidden.size(1));
        var (cosine, sine) = context.Angles;
        var first = count - wanted;
        Tensor Split(Tensor projected, long tokens) => projected.view(batch, tokens, -1, _config.HeadDim).transpose(1, 2);
        var query = RotaryTable.Rotate(Split(_query.Project(hidden.narrow(1, first, wanted)), wanted), cosine.narrow(0, first, wanted), sine.narrow(0, first, wanted));
        var (key, value) = StoreFused(_keyAndValue, hidden, context, layer, 0)?.Stored
            ?? Append(context, layer, RotaryTable.Rotate(Split(_key.Project(hidden), count), cosine, sine), Split(_value.Project(hidden), count));
        (key, value) = (Shared(key), Shared(value));
        var mixed = CpuAttention.TryApply(query, key, value, causal: true)
            ?? functional.scaled_dot_product_attention(query, key, value, ones(wanted, count, dtype: ScalarType.Bool, device: hidden.device).tril(first));
        return _output.Project(mixed.transpose(1, 2).reshape(batch, wanted, -1));
    }

    /// <summary>
    /// Adds attention over <paramref name="normalized"/> (B, N, D) to <paramref name="hidden"/>, by the kernels of <paramref name="context"/>. For bfloat16 and heads
    /// that <see cref="CudaKernels.TakesHeads"/>.
    /// </summary>
    public void AddTo(Tensor hidden, Tensor normalized, AttentionContext context, int layer)
    {
        var (batch, count) = (normalized.size(0), normalized.size(1));
        var (kernels, heads, shared) = (context.Kernels!, _config.NumAttentionHeads, _config.NumKeyValueHeads);
        var projected = _all!.Apply(normalized);
        var buffers = context.Store?.Buffers(layer) ?? Buffers(normalized, batch, count);
        kernels.RotateAndStore(projected, context.Angles, buffers, count, heads);
        if (buffers.Positions is not null)
        {
            _output.AddTo(hidden, kernels.DecodeAttention(projected, buffers, heads));
            return;
        }

        var query = projected.view(batch, count, -1, _config.HeadDim).narrow(2, 0, heads).transpose(1, 2);
        var mixed = TorchScripts.GroupedCausalAttention(query, buffers.Keys.narrow(2, 0, count), buffers.Values.narrow(2, 0, count));
        _output.AddTo(hidden, mixed.transpose(1, 2).reshape(batch, count, -1));

        KeyValueBuffers Buffers(Tensor like, long sequences, long capacity)
        {
            Tensor Empty() => empty([sequences, shared, capacity, _config.HeadDim], like.dtype, like.device);
            return new KeyValueBuffers(Empty(), Empty(), null, 0);
        }
    }

    public void Fuse(CudaKernels? kernels)
    {
        _all = new FusedLinear(_query, _key, _value);
        _keyAndValue = _all.Without(_query);
    }

    // (B, heads, N, head) of the queries, and all that they may look at.
    private (Tensor Query, Tensor Key, Tensor Value) ProjectAndStore(Tensor hidden, AttentionContext context, int layer)
    {
        var (batch, count) = (hidden.size(0), hidden.size(1));
        if (StoreFused(_all, hidden, context, layer, _config.NumAttentionHeads) is var (projected, stored))
        {
            return (projected.view(batch, count, -1, _config.HeadDim).narrow(2, 0, _config.NumAttentionHeads).transpose(1, 2), stored.Key, stored.Value);
        }

        var (query, key, value) = Project(hidden, context, batch, count);
        (key, value) = Append(context, layer, key, value);
        return (query, key, value);
    }

    private static (Tensor Key, Tensor Value) Append(AttentionContext context, int layer, Tensor key, Tensor value) =>
        context.Store?.Append(layer, key, value) ?? (key, value);

    // Projects, rotates and stores at once; null where that cannot be.
    private static (Tensor Projected, (Tensor Key, Tensor Value) Stored)? StoreFused(FusedLinear? parts, Tensor hidden, AttentionContext context, int layer, int queries)
    {
        if (parts is null || context.KeyAngles is not null || !CpuKernels.TakeTokens(hidden) || context.Store?.Buffers(layer) is not { } buffers)
        {
            return null;
        }

        var projected = parts.Apply(hidden);
        if (!CpuRotary.TryRotateAndStore(projected, context.Angles, buffers, queries))
        {
            return null;
        }

        var end = buffers.Start + hidden.size(1);
        return (projected, (buffers.Keys.narrow(2, 0, end), buffers.Values.narrow(2, 0, end)));
    }

    // Keys or values for each query head, from those that some share.
    private Tensor Shared(Tensor heads) =>
        _config.NumAttentionHeads == _config.NumKeyValueHeads ? heads : heads.repeat_interleave(_config.NumAttentionHeads / _config.NumKeyValueHeads, 1);

    // (B, heads, N, head) each; rotated, but for keys whose positions move.
    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor hidden, AttentionContext context, long batch, long count)
    {
        var (heads, shared) = (_config.NumAttentionHeads, _config.NumKeyValueHeads);
        var (cosine, sine) = context.Angles;
        Tensor Split(Tensor projected) => projected.view(batch, count, -1, _config.HeadDim).transpose(1, 2);
        if (_all is null || context.KeyAngles is not null)
        {
            var query = RotaryTable.Rotate(Split(_query.Project(hidden)), cosine, sine);
            var key = Split(_key.Project(hidden));
            return (query, context.KeyAngles is null ? RotaryTable.Rotate(key, cosine, sine) : key, Split(_value.Project(hidden)));
        }

        var all = Split(_all.Apply(hidden));
        var rotated = RotaryTable.Rotate(all.narrow(1, 0, heads + shared), cosine, sine);
        return (rotated.narrow(1, 0, heads), rotated.narrow(1, heads, shared), all.narrow(1, heads + shared, shared));
    }
}
