using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>What turns patch features (B, patches, C) into visual tokens (B, queries, D).</summary>
internal static class Connector
{
    /// <exception cref="ModelConfigException">The type is not known or its sizes do not go together.</exception>
    public static Module<Tensor, Tensor> Create(ConnectorConfig config, LayerFactory layers)
    {
        var (patches, queries) = (Math.Sqrt(config.NumInputTokens), Math.Sqrt(config.NumQueryTokens));
        return config.ProjectorType switch
        {
            _ when config.ProjectorType is not ConnectorConfig.AttentionPool && patches % 1 != 0 =>
                throw new ModelConfigException("connector_config.num_input_tokens", $"is {config.NumInputTokens}; give a square number"),
            ConnectorConfig.CAbstractor or ConnectorConfig.AveragePool when queries % 1 != 0 =>
                throw new ModelConfigException("connector_config.num_query_tokens", $"is {config.NumQueryTokens}; give a square number, or projector_type {ConnectorConfig.AttentionPool}"),
            ConnectorConfig.CAbstractor => new CAbstractor(config, layers),
            ConnectorConfig.AveragePool => new AveragePooling(config, layers),
            ConnectorConfig.AttentionPool when config.NumAttentionHeads < 1 || config.OutputHiddenSize % config.NumAttentionHeads != 0 =>
                throw new ModelConfigException("connector_config.num_attention_heads", $"is {config.NumAttentionHeads}; give a divisor of output_hidden_size {config.OutputHiddenSize}"),
            ConnectorConfig.AttentionPool => new AttentionPooling(config, layers),
            ConnectorConfig.PixelShuffle when config.ScaleFactor < 1 || patches % config.ScaleFactor != 0 =>
                throw new ModelConfigException("scale_factor", $"is {config.ScaleFactor}; give a divisor of the {patches} patches of a side"),
            ConnectorConfig.PixelShuffle => new PixelShuffle(config, layers),
            _ => throw new ModelConfigException("connector_config.projector_type", $"\"{config.ProjectorType}\" is not built; give one of {string.Join(", ", ConnectorConfig.Types)}"),
        };
    }
}
