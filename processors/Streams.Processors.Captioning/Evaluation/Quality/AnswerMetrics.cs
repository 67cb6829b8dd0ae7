using System.Text.RegularExpressions;
using Streams.Processors.Captioning.Grounding;

namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>Metrics of one answer against its references.</summary>
public static partial class AnswerMetrics
{
    private const double AnlsThreshold = 0.5;
    private const double BoxThreshold = 0.5;

    /// <summary>Whether the answer is a reference, letter case and runs of white space aside.</summary>
    public static bool Exact(string prediction, IReadOnlyList<string> references) =>
        references.Any(reference => Plain(reference) == Plain(prediction));

    /// <summary>
    /// ANLS (Biten et al., arXiv 1907.00490): 1 less the edit distance over the longer length, against the nearest reference; below a half
    /// it counts as 0.
    /// </summary>
    public static double Anls(string prediction, IReadOnlyList<string> references)
    {
        var best = references.Max(reference => Similarity(Plain(prediction), Plain(reference)));
        return best >= AnlsThreshold ? best : 0;
    }

    /// <summary>The letter A to H that an answer chooses: "B", "(B)", "B. a dog", "The answer is (B)."; null when it names none.</summary>
    public static char? OptionLetter(string answer)
    {
        var match = LeadingLetter().Match(answer);
        match = match.Success ? match : NamedLetter().Match(answer);
        return match.Success ? char.ToUpperInvariant(match.Groups[1].Value[0]) : null;
    }

    /// <summary>Whether the answer chooses the letter of a reference.</summary>
    public static bool SameOption(string prediction, IReadOnlyList<string> references) =>
        OptionLetter(prediction) is { } letter && references.Any(reference => OptionLetter(reference) == letter);

    /// <summary>Whether the first box of the answer overlaps one of the references with an intersection over union above a half.</summary>
    public static bool BoxFound(string prediction, IReadOnlyList<string> references)
    {
        var boxes = CoordinateText.ParseBoxes(prediction);
        return boxes.Count > 0 && references.SelectMany(CoordinateText.ParseBoxes).Any(reference => reference.IntersectionOverUnion(boxes[0]) > BoxThreshold);
    }

    private static string Plain(string text) => string.Join(' ', text.ToLowerInvariant().Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));

    private static double Similarity(string first, string second)
    {
        var longest = Math.Max(first.Length, second.Length);
        return longest == 0 ? 1 : 1 - ((double)EditDistance(first, second) / longest);
    }

    private static int EditDistance(string first, string second)
    {
        int[] row = [.. Enumerable.Range(0, second.Length + 1)];
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (first[i - 1] == second[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], cost);
            }
        }

        return row[^1];
    }

    // "a dog" begins with an article, so a letter must stand alone or be marked by what follows.
    [GeneratedRegex(@"^\s*\(?([A-H]|[a-h](?=\s*[.):]|\s*$))(?:\s*[.):,]|\s*$)")]
    private static partial Regex LeadingLetter();

    [GeneratedRegex(@"\b(?i:answer|option|choice)\b[^A-Za-z(]*(?:is\b)?[^A-Za-z(]*\(?([A-H])\b(?!')")]
    private static partial Regex NamedLetter();
}
