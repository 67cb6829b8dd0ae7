using Streams.Processors.Captioning.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Modules;

/// <summary>A decoder-only language model with the parameter names of Hugging Face's LlamaForCausalLM.</summary>
internal sealed class LlamaDecoder : Module<Tensor, Tensor>
{
    private readonly LlamaModel _model;
    private readonly Linear? _head;

    public LlamaDecoder(TextConfig config)
        : base(nameof(LlamaDecoder))
    {
        _model = new LlamaModel(config);
        register_module("model", _model);
        if (!config.TieWordEmbeddings)
        {
            _head = Linear(config.HiddenSize, config.VocabSize, hasBias: false);
            register_module("lm_head", _head);
        }
    }

    /// <summary>Logits of every position of a sequence of embeddings.</summary>
    public override Tensor forward(Tensor embeddings) => Logits(Hidden(embeddings, null));

    /// <summary>Vectors of token ids.</summary>
    public Tensor Embed(Tensor ids) => _model.Embed(ids);

    /// <summary>
    /// Normalised output of the last layer. With a <paramref name="cache"/> the embeddings follow what it holds, and join it.
    /// </summary>
    public Tensor Hidden(Tensor embeddings, KeyValueCache? cache, List<Tensor>? trace = null) => _model.Hidden(embeddings, cache, trace);

    /// <summary>Scores of each word of the vocabulary.</summary>
    public Tensor Logits(Tensor hidden) =>
        _head is null ? functional.linear(hidden, _model.EmbeddingWeight) : _head.forward(hidden);
}

internal sealed class LlamaModel : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly List<LlamaLayer> _layers = [];
    private readonly RootMeanSquareNorm _norm;
    private readonly RotaryTable _rotary;

    public LlamaModel(TextConfig config)
        : base(nameof(LlamaModel))
    {
        _embedding = Embedding(config.VocabSize, config.HiddenSize);
        init.normal_(_embedding.weight!, 0, 1 / Math.Sqrt(config.HiddenSize));
        _layers.AddRange(Enumerable.Range(0, config.NumHiddenLayers).Select(_ => new LlamaLayer(config)));
        _norm = new RootMeanSquareNorm(config.HiddenSize, config.RmsNormEps);
        _rotary = new RotaryTable(config);
        register_module("embed_tokens", _embedding);
        register_module("layers", ModuleList(_layers.ToArray()));
        register_module("norm", _norm);
        register_module("rotary", _rotary);
    }

    public Tensor EmbeddingWeight => _embedding.weight!;

    public Tensor Embed(Tensor ids) => _embedding.forward(ids);

    public override Tensor forward(Tensor embeddings) => Hidden(embeddings, null, null);

    public Tensor Hidden(Tensor embeddings, KeyValueCache? cache, List<Tensor>? trace)
    {
        var start = cache?.Length ?? 0;
        var count = embeddings.shape[1];
        var (cosine, sine) = _rotary.Slice(start, count);

        // One query sees all keys; a first chunk is plainly causal; a later chunk needs the lower triangle shifted by what is cached.
        var mask = start > 0 && count > 1
            ? ones(count, start + count, dtype: ScalarType.Bool, device: embeddings.device).tril(start)
            : null;
        var hidden = embeddings;
        for (var i = 0; i < _layers.Count; i++)
        {
            hidden = _layers[i].Apply(hidden, cosine, sine, mask, cache, i);
            trace?.Add(hidden);
        }

        cache?.Advance((int)count);
        return _norm.forward(hidden);
    }
}

/// <summary>Cosines and sines of rotary position embedding, half-split ("rotate half").</summary>
internal sealed class RotaryTable : Module
{
    private readonly int _limit;

    public RotaryTable(TextConfig config)
        : base(nameof(RotaryTable))
    {
        _limit = config.MaxPositionEmbeddings;
        var inverse = pow(config.RopeTheta, arange(0, config.HeadDim, 2, dtype: ScalarType.Float32) / -config.HeadDim);
        var angles = outer(arange(config.MaxPositionEmbeddings, dtype: ScalarType.Float32), inverse);
        angles = cat([angles, angles], 1);
        register_buffer("cosine", angles.cos(), persistent: false);
        register_buffer("sine", angles.sin(), persistent: false);
    }

    public (Tensor Cosine, Tensor Sine) Slice(int start, long count)
    {
        if (start + count > _limit)
        {
            throw new ModelConfigException("text_config.max_position_embeddings", $"{_limit} positions, {start + count} wanted; raise it or shorten the clip");
        }

        return (get_buffer("cosine")!.narrow(0, start, count), get_buffer("sine")!.narrow(0, start, count));
    }

    public static Tensor Rotate(Tensor heads, Tensor cosine, Tensor sine)
    {
        var half = heads.shape[3] / 2;
        var turned = cat([-heads.narrow(3, half, half), heads.narrow(3, 0, half)], 3);
        return (heads * cosine) + (turned * sine);
    }
}
