namespace Streams.Processors.Captioning.Pipeline;

/// <summary>What a model answers.</summary>
/// <param name="Text">The answer without special tokens.</param>
/// <param name="TokenIds">Its tokens, the end token included where it came.</param>
/// <param name="Confidence">Geometric mean of the probabilities of those tokens.</param>
/// <param name="Complete">Whether the model ended it, and not the limit on new tokens.</param>
public sealed record CheckpointAnswer(string Text, IReadOnlyList<int> TokenIds, double Confidence, bool Complete);
