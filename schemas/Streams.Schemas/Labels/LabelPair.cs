namespace Streams.Schemas.Labels;

/// <summary>The answer to a question about two samples. Type <see cref="Envelope.EventTypes.LabelPair"/> on <see cref="Topics.LabelSamples"/>, keyed by task.</summary>
/// <param name="Task">The task; equals the record's key.</param>
/// <param name="Sample">Number of one sample in the task's pool.</param>
/// <param name="Other">Number of the other one; which is which does not matter.</param>
/// <param name="Equal">Whether both have the same label.</param>
/// <param name="Oracle">Who says so.</param>
/// <param name="Query">Number of the query that this answers. May be left out where answers are right, for the pair tells; needed with noise.</param>
public sealed record LabelPair(string Task, int Sample, int Other, bool Equal, string? Oracle = null, long? Query = null);
