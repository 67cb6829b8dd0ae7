using System.Text.RegularExpressions;

namespace Streams.EndToEnd.Telemetry;

/// <summary>The metrics that an expression of PromQL reads.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Words = ["by", "without", "and", "or", "unless", "on", "ignoring", "group_left", "group_right", "bool", "offset", "le", "inf", "nan"];

    /// <summary>Their names, as Prometheus has them.</summary>
    public static IEnumerable<string> Metrics(string expression)
    {
        var bare = Grouping().Replace(Braces().Replace(expression, " "), " ");
        return Name().Matches(bare).Select(match => match.Value).Where(name => !Words.Contains(name.ToLowerInvariant())).Distinct();
    }

    // Labels, ranges, and texts.
    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|""[^""]*""")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    // A word with a bracket behind it is a function.
    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()")]
    private static partial Regex Name();
}
