namespace Streams.Schemas.Labels;

/// <summary>A labelled sample or the answer to a query. Type <see cref="Envelope.EventTypes.LabelSample"/> on <see cref="Topics.LabelSamples"/>, keyed by task.</summary>
/// <param name="Task">The task; equals the record's key.</param>
/// <param name="Sample">Which sample: its number in the task's pool, or any id of the producer's.</param>
/// <param name="Label">The sample's label; null when it comes with weights.</param>
/// <param name="Oracle">Who says so.</param>
/// <param name="Query">Number of the query that this answers; null for a sample nobody asked for.</param>
/// <param name="Weights">Instead of a label, for tasks with the rule <see cref="LabelRules.WeightedBetting"/>: the weight of each label in [0, 1], together at most 1, such as a classifier's probabilities. Labels left out weigh nothing. In the order of the record.</param>
public sealed record LabelSample(
    string Task, string Sample, string? Label, string? Oracle = null, long? Query = null, IReadOnlyDictionary<string, double>? Weights = null);
