using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>How much of a caption is right.</summary>
/// <param name="Exact">Word for word.</param>
/// <param name="Answers">What it should have said and did say of each attribute: three of the scene, six of each of its objects.</param>
public sealed record CaptionScore(bool Exact, IReadOnlyList<AttributeAnswer> Answers)
{
    /// <summary>Attributes that are right.</summary>
    public int Right => Answers.Count(answer => answer.IsRight);

    /// <summary>Attributes asked about.</summary>
    public int Total => Answers.Count;
}

/// <summary>What a caption says of one attribute.</summary>
/// <param name="Attribute">One of <see cref="CaptionScorer.AttributeNames"/>.</param>
/// <param name="Truth">What it should say, as one word in lower case.</param>
/// <param name="Said">What it says; <c>none</c> when it says nothing.</param>
public sealed record AttributeAnswer(string Attribute, string Truth, string Said)
{
    /// <summary>Whether both agree.</summary>
    public bool IsRight => Truth == Said;
}

/// <summary>Holds a caption against the truth.</summary>
public static class CaptionScorer
{
    private const string None = "none";

    /// <summary>The attributes that are scored: those of the scene, then those of each object.</summary>
    public static IReadOnlyList<string> AttributeNames { get; } = ["objects", "background", "word", "colour", "count", "size", "shape", "motion", "speed"];

    /// <summary>
    /// Scores <paramref name="predicted"/>. Objects are matched by their colour; a speed counts as right only with the right motion, and
    /// what is said of colours that are not there costs <c>objects</c> and the exact match.
    /// </summary>
    public static CaptionScore Score(string truth, string predicted)
    {
        var (expected, actual) = (CaptionGrammar.Parse(truth), CaptionGrammar.Parse(predicted));
        List<AttributeAnswer> answers =
        [
            new("objects", $"{expected.Objects.Count}", $"{actual.Objects.Count}"),
            new("background", Name(expected.Background), Name(actual.Background)),
            new("word", Name(expected.Word), Name(actual.Word)),
        ];
        foreach (var item in expected.Objects)
        {
            var match = actual.Objects.FirstOrDefault(other => other.Colour == item.Colour);
            answers.Add(new("colour", Name(item.Colour), Name(match?.Colour)));
            answers.Add(new("count", $"{item.Count}", match is null ? None : $"{match.Count}"));
            answers.Add(new("size", Name(item.Size), Name(match?.Size)));
            answers.Add(new("shape", Name(item.Shape), Name(match?.Shape)));
            answers.Add(new("motion", Name(item.Motion), Name(match?.Motion)));
            answers.Add(new("speed", Name(item.Speed), Speed(item, match)));
        }

        return new CaptionScore(truth == predicted, answers);
    }

    // A missing object says nothing, which is not what an object that stays still says.
    private static string Speed(ObjectDescription item, ObjectDescription? match) => match switch
    {
        null => "missing",
        _ when match.Motion == item.Motion => Name(match.Speed),
        _ => $"{Name(match.Speed)}-{Name(match.Motion)}",
    };

    private static string Name(Enum? value) => value?.ToString().ToLowerInvariant() ?? None;
}
