namespace Streams.Schemas.Labels;

/// <summary>A labelled sample or the answer to a query. Type <see cref="Envelope.EventTypes.LabelSample"/> on <see cref="Topics.LabelSamples"/>, keyed by task.</summary>
/// <param name="Task">The task; equals the record's key.</param>
/// <param name="Sample">Which sample: its number in the task's pool, or any id of the producer's.</param>
/// <param name="Label">The sample's label.</param>
/// <param name="Oracle">Who says so.</param>
/// <param name="Query">Number of the query that this answers; null for a sample nobody asked for.</param>
public sealed record LabelSample(string Task, string Sample, string Label, string? Oracle = null, long? Query = null);
