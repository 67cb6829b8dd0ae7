using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>A decoder layer: attention, and a feed-forward or a mixture of them, both after RMS normalisation.</summary>
internal sealed class LlamaLayer : Module
{
    private readonly RootMeanSquareNorm _attentionNorm;
    private readonly LlamaAttention _attention;
    private readonly RootMeanSquareNorm _mlpNorm;
    private readonly LlamaMlp? _mlp;
    private readonly SparseMlp? _sparse;

    public LlamaLayer(TextConfig config, int index, LayerFactory layers)
        : base(nameof(LlamaLayer))
    {
        _attentionNorm = new RootMeanSquareNorm(config.HiddenSize, config.RmsNormEps, layers);
        _attention = new LlamaAttention(config, layers);
        _mlpNorm = new RootMeanSquareNorm(config.HiddenSize, config.RmsNormEps, layers);
        register_module("input_layernorm", _attentionNorm);
        register_module("self_attn", _attention);
        register_module("post_attention_layernorm", _mlpNorm);
        if (config.IsSparse(index))
        {
            _sparse = new SparseMlp(config, layers);
            register_module("mlp", _sparse);
        }
        else
        {
            _mlp = new LlamaMlp(config, layers);
            register_module("mlp", _mlp);
        }
    }

    public Tensor Apply(Tensor hidden, AttentionContext context, int layer, DecoderTrace? trace)
    {
        if (context.Kernels is not null)
        {
            return Add(hidden, context, layer);
        }

        return FeedForward(hidden.Plus(_attention.Apply(_attentionNorm.forward(hidden), context, layer)), trace);
    }

    /// <summary>The last <paramref name="wanted"/> tokens of a first chunk, with keys and values of all of them stored.</summary>
    public Tensor ApplyToLast(Tensor hidden, AttentionContext context, int layer, int wanted)
    {
        var seen = _attention.ApplyToLast(_attentionNorm.forward(hidden), context, layer, wanted);
        return FeedForward(hidden.narrow(1, hidden.size(1) - wanted, wanted).Plus(seen), null);
    }

    private Tensor FeedForward(Tensor hidden, DecoderTrace? trace)
    {
        var normalized = _mlpNorm.forward(hidden);
        return hidden.Plus(_mlp?.forward(normalized) ?? _sparse!.Apply(normalized, trace));
    }

    // What comes in is what goes out.
    private Tensor Add(Tensor hidden, AttentionContext context, int layer)
    {
        _attention.AddTo(hidden, _attentionNorm.forward(hidden), context, layer);
        var normalized = _mlpNorm.forward(hidden);
        if (_mlp is null)
        {
            return hidden.add_(_sparse!.Apply(normalized, null), Scalars.One);
        }

        _mlp.AddTo(hidden, normalized);
        return hidden;
    }
}
