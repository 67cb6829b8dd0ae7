using System.Globalization;
using Streams.Host.Cli;
using Streams.Processors.ModeEstimation.DryRun;
using Streams.Schemas.Labels;

namespace Streams.Host.DryRuns;

/// <summary>The settings of a dry run: every combination of the values that its options list.</summary>
internal static class DryRunGrid
{
    public const string DefaultDeltas = "0.1,0.05,0.01";
    public const string DefaultTolerances = "0,0.02";
    public const string DefaultMaxima = "none";
    public const string DefaultRules = LabelRules.Default;

    private const string NoMaximum = "none";

    /// <exception cref="StreamsException">A value is not one; the message names its option.</exception>
    public static IReadOnlyList<DryRunSetting> Parse(string deltas, string tolerances, string maxima, string rules) =>
    [
        .. from rule in Values("--rule", rules, Rule)
           from tolerance in Values("--tolerance", tolerances, Tolerance)
           from max in Values("--max", maxima, Maximum)
           from delta in Values("--delta", deltas, Delta)
           select new DryRunSetting(delta, tolerance, max, rule),
    ];

    private static IReadOnlyList<T> Values<T>(string option, string list, Func<string, string, T> parse) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries).Select(text => parse(option, text)).Distinct()];

    private static double Delta(string option, string text) => Number(text) is { } delta and > 0 and < 1
        ? delta
        : throw Bad(option, text, "give probabilities of error above 0 and below 1, for instance 0.1,0.01");

    private static double? Tolerance(string option, string text) => Number(text) switch
    {
        0 => null,
        { } tolerance and > 0 and < 1 => tolerance,
        _ => throw Bad(option, text, "give shares from 0 (only the mode will do) to below 1, for instance 0,0.02"),
    };

    private static int? Maximum(string option, string text) =>
        text == NoMaximum ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var max) && max > 0 ? max
        : throw Bad(option, text, $"give numbers of labels from 1 up, or {NoMaximum}, for instance 100,500,{NoMaximum}");

    private static string Rule(string option, string text) => LabelRules.All.Contains(text)
        ? text
        : throw Bad(option, text, $"give some of {string.Join(",", LabelRules.All)}");

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static StreamsException Bad(string option, string text, string remedy) => new($"{option}: '{text}' cannot be tried", remedy);
}
