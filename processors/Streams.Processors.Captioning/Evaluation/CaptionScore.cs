namespace Streams.Processors.Captioning.Evaluation;

/// <summary>How much of a caption is right.</summary>
/// <param name="Exact">Word for word.</param>
/// <param name="Right">Attributes that are right.</param>
/// <param name="Total">Attributes asked about: count, background, and five for each object of the truth.</param>
/// <param name="Attributes">By name (<see cref="CaptionScorer.AttributeNames"/>): how many of how many.</param>
public sealed record CaptionScore(bool Exact, int Right, int Total, IReadOnlyDictionary<string, (int Right, int Total)> Attributes);

/// <summary>Holds a caption against the truth.</summary>
public static class CaptionScorer
{
    /// <summary>The attributes that are scored.</summary>
    public static IReadOnlyList<string> AttributeNames { get; } = ["count", "background", "colour", "size", "shape", "motion", "speed"];

    /// <summary>Scores <paramref name="predicted"/>; objects are matched by their colour, and the speed counts as right only with the right motion.</summary>
    public static CaptionScore Score(string truth, string predicted)
    {
        var (expected, actual) = (CaptionGrammar.Parse(truth), CaptionGrammar.Parse(predicted));
        var tally = AttributeNames.ToDictionary(name => name, _ => (Right: 0, Total: 0));
        void Count(string name, bool right) => tally[name] = (tally[name].Right + (right ? 1 : 0), tally[name].Total + 1);

        Count("count", actual.Objects.Count == expected.Objects.Count);
        Count("background", actual.Background == expected.Background);
        foreach (var item in expected.Objects)
        {
            var match = actual.Objects.FirstOrDefault(other => other.Colour == item.Colour);
            Count("colour", match is not null);
            Count("size", match?.Size == item.Size);
            Count("shape", match?.Shape == item.Shape);
            Count("motion", match?.Motion == item.Motion);
            Count("speed", match is not null && match.Motion == item.Motion && match.Speed == item.Speed);
        }

        return new CaptionScore(
            truth == predicted, tally.Values.Sum(entry => entry.Right), tally.Values.Sum(entry => entry.Total), tally);
    }
}
