using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>
/// MM1's attention pooling (arXiv 2403.09611, section 3.2): k learned queries, in the decoder's width, look at the patch features.
/// Takes any number of patches.
/// </summary>
internal sealed class AttentionPooling : Module<Tensor, Tensor>
{
    private readonly int _heads;
    private readonly Parameter _queries;
    private readonly LayerNorm _norm;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    public AttentionPooling(ConnectorConfig config, LayerFactory layers)
        : base(nameof(AttentionPooling))
    {
        _heads = config.NumAttentionHeads;
        _queries = layers.Normal(0.02, config.NumQueryTokens, config.OutputHiddenSize);
        _norm = layers.LayerNorm(config.EncoderHiddenSize, 1e-5);
        _query = layers.Linear(config.OutputHiddenSize, config.OutputHiddenSize);
        _key = layers.Linear(config.EncoderHiddenSize, config.OutputHiddenSize);
        _value = layers.Linear(config.EncoderHiddenSize, config.OutputHiddenSize);
        _output = layers.Linear(config.OutputHiddenSize, config.OutputHiddenSize);
        register_parameter("queries", _queries);
        register_module("norm", _norm);
        register_module("q_proj", _query);
        register_module("k_proj", _key);
        register_module("v_proj", _value);
        register_module("out_proj", _output);
    }

    public override Tensor forward(Tensor features)
    {
        var batch = features.size(0);
        var normalized = _norm.forward(features);
        Tensor Split(Tensor tokens) => tokens.view(batch, tokens.size(1), _heads, -1).transpose(1, 2);
        var queries = _query.forward(_queries).unsqueeze(0).expand(batch, -1, -1);
        var mixed = functional.scaled_dot_product_attention(Split(queries), Split(_key.forward(normalized)), Split(_value.forward(normalized)));
        return _output.forward(mixed.transpose(1, 2).reshape(batch, _queries.size(0), -1));
    }
}
