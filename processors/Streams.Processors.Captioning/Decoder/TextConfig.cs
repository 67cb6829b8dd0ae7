namespace Streams.Processors.Captioning.Decoder;

/// <summary>The decoder, with Hugging Face's Llama and Mixtral field names.</summary>
internal sealed record TextConfig
{
    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    public required int NumKeyValueHeads { get; init; }

    public required int HeadDim { get; init; }

    public required int VocabSize { get; init; }

    public required int MaxPositionEmbeddings { get; init; }

    public double RmsNormEps { get; init; } = 1e-5;

    public double RopeTheta { get; init; } = 10_000;

    public bool TieWordEmbeddings { get; init; }

    /// <summary>Experts of a sparse layer; 0 for a dense decoder.</summary>
    public int NumLocalExperts { get; init; }

    /// <summary>Experts that a token goes through.</summary>
    public int NumExpertsPerTok { get; init; } = 2;

    /// <summary>Every so many layers one is sparse, the last of them.</summary>
    public int ExpertLayerPeriod { get; init; } = 2;

    /// <summary>Weight of the load-balancing loss.</summary>
    public double RouterAuxLossCoef { get; init; } = 0.01;

    /// <summary>Weight of the router's z-loss.</summary>
    public double RouterZLossCoef { get; init; } = 0.001;

    /// <summary>Whether layer <paramref name="layer"/>, counted from 0, is a mixture of experts.</summary>
    public bool IsSparse(int layer) => NumLocalExperts > 0 && (layer + 1) % ExpertLayerPeriod == 0;
}
