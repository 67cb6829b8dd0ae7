using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>The decoder without its head.</summary>
internal sealed class LlamaModel : Module<Tensor, Tensor>, IFusable
{
    // One would be enough; products of fewer rows go through other kernels, which sum in another order.
    private const int LastTokens = 4;
    private readonly TextConfig _config;
    private readonly EmbeddingTable _embedding;
    private readonly List<LlamaLayer> _layers = [];
    private readonly RootMeanSquareNorm _norm;
    private readonly RotaryTable _rotary;
    private CudaKernels? _kernels;

    public LlamaModel(TextConfig config, LayerFactory layers)
        : base(nameof(LlamaModel))
    {
        _config = config;
        _embedding = layers.Embedding(config.VocabSize, config.HiddenSize, 1 / Math.Sqrt(config.HiddenSize));
        _layers.AddRange(Enumerable.Range(0, config.NumHiddenLayers).Select(i => new LlamaLayer(config, i, layers)));
        _norm = new RootMeanSquareNorm(config.HiddenSize, config.RmsNormEps, layers);
        _rotary = new RotaryTable(config, layers.Device);
        register_module("embed_tokens", _embedding);
        register_module("layers", ModuleList(_layers.ToArray()));
        register_module("norm", _norm);
        register_module("rotary", _rotary);
    }

    public Tensor EmbeddingWeight => _embedding.Weight;

    public Tensor Embed(Tensor ids) => _embedding.forward(ids);

    public override Tensor forward(Tensor embeddings) => Hidden(embeddings, null, null, null);

    public Tensor Hidden(Tensor embeddings, KeyValueCache? cache, DecoderTrace? trace, Tensor? attentionMask)
    {
        var start = cache?.Length ?? 0;
        var count = embeddings.size(1);
        if (_kernels is not null && start == 0 && count > 1 && trace is null && attentionMask is null)
        {
            // Each layer adds to what it is given: the caller's embeddings stay as they are.
            var sum = Run(embeddings.clone(), new AttentionContext(_rotary.Whole(count), null, cache, Kernels: _kernels), null);
            cache?.Advance((int)count);
            return sum;
        }

        var (cosine, sine) = attentionMask is null ? _rotary.Slice(start, count) : _rotary.At(Positions(attentionMask).narrow(1, start, count));
        var mask = Mask(start, count, attentionMask, embeddings.device);
        var hidden = Run(embeddings, new AttentionContext((cosine.to(embeddings.dtype), sine.to(embeddings.dtype)), mask, cache), trace);
        cache?.Advance((int)count);
        return hidden;
    }

    public Tensor Prefill(Tensor embeddings, KeyValueCache cache)
    {
        var count = embeddings.size(1);
        var (cosine, sine) = _rotary.Slice(0, count);
        var context = new AttentionContext((cosine.to(embeddings.dtype), sine.to(embeddings.dtype)), null, cache);
        var hidden = Run(embeddings, context, null, _layers.Count - 1);
        var wanted = (int)Math.Min(LastTokens, count);
        hidden = _layers[^1].ApplyToLast(hidden, context, _layers.Count - 1, wanted);
        cache.Advance((int)count);
        return _norm.forward(hidden.select(1, wanted - 1).contiguous());
    }

    public Tensor Step(Tensor embeddings, SlotStep step)
    {
        if (_kernels is not null)
        {
            // Positions of slots are within the context.
            return Run(embeddings.clone(), new AttentionContext(_rotary.Whole(0), null, step, Kernels: _kernels), null);
        }

        var (cosine, sine) = _rotary.Rows(step.Positions.unsqueeze(1));
        return Run(embeddings, new AttentionContext((cosine.to(embeddings.dtype), sine.to(embeddings.dtype)), step.CreateMask(), step), null);
    }

    public Tensor Stream(Tensor embeddings, SinkWindowCache cache)
    {
        var count = (int)embeddings.size(1);
        var (all, added) = cache.Begin(count);
        (Tensor Cosine, Tensor Sine) Angles(Tensor positions)
        {
            var (cosine, sine) = _rotary.Rows(positions);
            return (cosine.to(embeddings.dtype), sine.to(embeddings.dtype));
        }

        // The buffers are not in order of time: who comes before whom is in the positions.
        var mask = count == 1 ? null : (all.unsqueeze(1) <= added.unsqueeze(2)).unsqueeze(1);
        var hidden = Run(embeddings, new AttentionContext(Angles(added), mask, cache, Angles(all)), null);
        cache.End(count);
        return hidden;
    }

    public void Fuse(CudaKernels? kernels) =>
        _kernels = CudaKernels.TakesHeads(_config.NumAttentionHeads, _config.NumKeyValueHeads, _config.HeadDim) ? kernels : null;

    private Tensor Run(Tensor hidden, AttentionContext context, DecoderTrace? trace) => _norm.forward(Run(hidden, context, trace, _layers.Count));

    private Tensor Run(Tensor hidden, AttentionContext context, DecoderTrace? trace, int layers)
    {
        for (var i = 0; i < layers; i++)
        {
            // What a layer leaves behind goes with it, unless somebody wants to look: thirty layers of a long prompt are gigabytes.
            using var scope = trace is null ? NewDisposeScope() : null;
            hidden = _layers[i].Apply(hidden, context, i, trace);
            hidden = scope is null ? hidden : hidden.MoveToOuterDisposeScope();
            trace?.Hidden.Add(hidden);
        }

        return hidden;
    }

    // Padding takes no position.
    private static Tensor Positions(Tensor attentionMask) => (attentionMask.to(ScalarType.Int64).cumsum(1) - Scalars.One).clamp_min(Scalars.Zero);

    private static Tensor? Mask(int start, long count, Tensor? attentionMask, Device device)
    {
        // One query sees all keys; a first chunk is plainly causal; a later chunk needs the lower triangle shifted by what is cached.
        if (attentionMask is null && (start == 0 || count == 1))
        {
            return null;
        }

        var causal = ones(count, start + count, dtype: ScalarType.Bool, device: device).tril(start);
        if (attentionMask is null)
        {
            return causal;
        }

        // A padding token sees itself: with nothing to see at all its softmax would be 0/0, and not-a-number spreads even from masked keys.
        var self = causal & ones(count, start + count, dtype: ScalarType.Bool, device: device).triu(start);
        return (causal & (attentionMask.to(ScalarType.Bool).unsqueeze(1) | self)).unsqueeze(1);
    }
}
