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
/// <param name="Confusions">What was taken for what, the most frequent first.</param>
public sealed record CaptionSetMetrics(
    int Clips, double Exact, IReadOnlyDictionary<string, double> Attributes, double Confidence, IReadOnlyList<AttributeConfusion> Confusions);

/// <summary>A cell off the diagonal of an attribute's confusion table.</summary>
/// <param name="Attribute">The attribute.</param>
/// <param name="Truth">What it is.</param>
/// <param name="Said">What captions said.</param>
/// <param name="Times">How often.</param>
/// <param name="OfTruth">How often it was <paramref name="Truth"/> in all.</param>
public sealed record AttributeConfusion(string Attribute, string Truth, string Said, int Times, int OfTruth);
