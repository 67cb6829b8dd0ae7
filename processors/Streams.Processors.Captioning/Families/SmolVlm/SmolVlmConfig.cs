using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Vision;

namespace Streams.Processors.Captioning.Families.SmolVlm;

/// <summary>A SmolVLM, SmolVLM2 or Idefics3 folder's configuration: the model, its pictures and its answers.</summary>
internal sealed record SmolVlmConfig
{
    /// <summary>model_type: smolvlm or idefics3.</summary>
    public required string ModelType { get; init; }

    public required VisionConfig Vision { get; init; }

    public required ConnectorConfig Connector { get; init; }

    public required TextConfig Text { get; init; }

    public required SmolVlmImageConfig Images { get; init; }

    /// <summary>Placeholder that visual tokens replace.</summary>
    public required int ImageTokenId { get; init; }

    /// <summary>What ends an answer.</summary>
    public required IReadOnlyList<int> EndTokenIds { get; init; }
}
