using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>A decoder-only language model with the parameter names of Hugging Face's LlamaForCausalLM.</summary>
internal sealed class LlamaDecoder : Module<Tensor, Tensor>
{
    private readonly LlamaModel _model;
    private readonly Linear? _head;

    public LlamaDecoder(TextConfig config, LayerFactory layers)
        : base(nameof(LlamaDecoder))
    {
        _model = new LlamaModel(config, layers);
        register_module("model", _model);
        if (!config.TieWordEmbeddings)
        {
            _head = layers.Linear(config.HiddenSize, config.VocabSize, bias: false);
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
    /// <param name="embeddings">(B, N, D).</param>
    /// <param name="cache">What came before.</param>
    /// <param name="trace">Gets what the layers said.</param>
    /// <param name="attentionMask">
    /// (B, cached + N), 0 for padding, which is seen by none and takes no position: sequences of different lengths, padded on the left,
    /// come out as each would alone. Null for no padding.
    /// </param>
    public Tensor Hidden(Tensor embeddings, KeyValueCache? cache, DecoderTrace? trace = null, Tensor? attentionMask = null) =>
        _model.Hidden(embeddings, cache, trace, attentionMask);

    /// <summary>
    /// Normalised output (B, D) of the last layer for the last token of each prompt (B, N, D), whose tokens all join an empty <paramref name="cache"/>. Of the others
    /// the last layer computes nothing but keys and values. By torch and the CPU's kernels.
    /// </summary>
    public Tensor Prefill(Tensor embeddings, KeyValueCache cache) => _model.Prefill(embeddings, cache);

    /// <summary>Normalised output (N, 1, D) of the last layer for one new token (N, 1, D) in each of the slots.</summary>
    public Tensor Step(Tensor embeddings, SlotStep step) => _model.Step(embeddings, step);

    /// <summary>Normalised output (1, N, D) of the last layer for the next tokens (1, N, D) of a sequence that never ends.</summary>
    /// <exception cref="ArgumentException">More tokens than the window of <paramref name="cache"/> holds.</exception>
    public Tensor Stream(Tensor embeddings, SinkWindowCache cache) => _model.Stream(embeddings, cache);

    /// <summary>Scores of each word of the vocabulary.</summary>
    public Tensor Logits(Tensor hidden) =>
        Projections.Project(hidden, _head is null ? _model.EmbeddingWeight : _head.weight, _head?.bias);
}
