namespace Streams.Processors.ModeEstimation;

/// <summary>Samples, or answers about pairs, of a task that were not counted, other than the rejected ones.</summary>
/// <param name="Duplicates">Repeats of a sample whose label was known, or of a query that was answered.</param>
/// <param name="Contradictions">Those of the duplicates that came with another label or answer; the first one counts.</param>
/// <param name="Late">Samples that came after the end; they change nothing.</param>
public readonly record struct LabelTaskStatistics(long Duplicates, long Contradictions, long Late);
