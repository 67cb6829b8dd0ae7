namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>How good a set of answers is.</summary>
/// <param name="References">Lines of the reference file.</param>
/// <param name="Missing">Ids without a prediction; they are measured as empty answers.</param>
/// <param name="Metrics">The metrics that some line asks for.</param>
public sealed record QualityReport(int References, IReadOnlyList<string> Missing, IReadOnlyList<QualityMetric> Metrics);

/// <summary>One metric over a set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, 0 to 1; CIDEr 0 to 10.</param>
/// <param name="Count">What it is over: lines, or attributes asked about.</param>
public sealed record QualityMetric(string Name, double Value, int Count);
