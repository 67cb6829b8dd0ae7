namespace Streams.Processors.Captioning.Pipeline;

/// <summary>What a <see cref="VideoCommentary"/> asks and remembers.</summary>
public sealed record VideoCommentaryOptions
{
    /// <summary>What the model is asked about each piece.</summary>
    public string Prompt { get; init; } = "Describe in one sentence what happens now.";

    /// <summary>First tokens that are kept for ever; 4 is what the paper found enough.</summary>
    public int SinkTokens { get; init; } = 4;

    /// <summary>Latest tokens that are remembered. A piece with its question must fit.</summary>
    public int WindowTokens { get; init; } = 2048;

    /// <summary>Longest answer to a piece.</summary>
    public int MaxNewTokens { get; init; } = 64;
}
