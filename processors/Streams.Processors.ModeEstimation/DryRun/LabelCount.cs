namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>How many samples have a label.</summary>
/// <param name="Label">The label.</param>
/// <param name="Count">Samples.</param>
public sealed record LabelCount(string Label, long Count);
