using System.Text.RegularExpressions;

namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>Captions as the metrics over words see them: lower case, punctuation gone, an apostrophe kept in its word.</summary>
internal static partial class CaptionWords
{
    public static string[] Split(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    /// <summary>Runs of <paramref name="length"/> words and how often each is there.</summary>
    public static Dictionary<string, int> Count(string[] words, int length)
    {
        var counts = new Dictionary<string, int>();
        for (var i = 0; i + length <= words.Length; i++)
        {
            var run = string.Join(' ', words, i, length);
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }

        return counts;
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*")]
    private static partial Regex Word();
}
