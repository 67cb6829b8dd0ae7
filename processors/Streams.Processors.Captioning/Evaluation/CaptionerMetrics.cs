namespace Streams.Processors.Captioning.Evaluation;

/// <summary>How good a captioner is on scenes that it was not trained on.</summary>
/// <param name="Validation">Scenes of unseen seeds, combinations as in training.</param>
/// <param name="HeldOut">Scenes with combinations that training never sees.</param>
/// <param name="OneFrame">Validation scenes with their first frame repeated: motion and speed must be lost.</param>
public sealed record CaptionerMetrics(CaptionSetMetrics Validation, CaptionSetMetrics HeldOut, CaptionSetMetrics OneFrame);

/// <summary>Results over a set of clips.</summary>
/// <param name="Clips">Clips captioned.</param>
/// <param name="Exact">Share of captions right word for word.</param>
/// <param name="Attributes">Share right of each of <see cref="CaptionScorer.AttributeNames"/>.</param>
/// <param name="Confidence">Mean confidence.</param>
public sealed record CaptionSetMetrics(int Clips, double Exact, IReadOnlyDictionary<string, double> Attributes, double Confidence);
