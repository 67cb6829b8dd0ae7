namespace Streams.Processors.Captioning.Pipeline;

/// <summary>What the model says of a clip.</summary>
/// <param name="Text">The caption.</param>
/// <param name="Confidence">Geometric mean of the probabilities of its tokens, end included, rounded to 6 digits.</param>
/// <param name="Model">Name and version of the model.</param>
public sealed record GeneratedCaption(string Text, double Confidence, string Model)
{
    private const int ConfidenceDigits = 6;

    internal static GeneratedCaption From(string text, IReadOnlyList<(int Id, double LogProbability)> tokens, string model) =>
        new(text, Math.Round(Math.Exp(tokens.Average(token => token.LogProbability)), ConfidenceDigits), model);
}
