using System.Globalization;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Modes;

/// <summary>
/// What mode estimation asks for, how often it errs and what it takes. <c>modes</c>: labels and pair queries of every rule on the laws of the
/// literature, beside the published figures; <c>modes held-out</c>: on laws that nothing was tuned on; <c>modes validity</c>: error frequencies at
/// ties; <c>modes scale</c>: labels a second and bytes a key.
/// </summary>
internal static class ModesCommand
{
    private static readonly (string Name, string What, Action<RunSettings> Run)[] Sections =
    [
        ("qm1", "one label a query: mean labels to a decision", QueryModel1Table.Print),
        ("qm2", "pair queries: mean queries to a decision", QueryModel2Table.Print),
        ("held-out", "the same on random, Zipf and wide laws, in batches", HeldOutLaws.Print),
        ("validity", "error frequency at exact and near ties (minutes)", ValidityStudy.Print),
        ("scale", "labels a second and bytes a key, one key and a million", ScaleStudy.Print),
    ];

    private static IEnumerable<Instance> Laws => Instance.Published.Concat(ValidityStudy.TiedLaws);

    /// <returns>The exit code: 0; 1 when a figure breaks a promise; 2 when the command was not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        var named = arguments.Count > 0 && !arguments[0].StartsWith("--", StringComparison.Ordinal) ? arguments[0] : null;
        var chosen = Sections.Where(section => named is null ? section.Name.StartsWith("qm", StringComparison.Ordinal) : section.Name == named).ToList();
        if (chosen.Count == 0 || !TryRead(arguments, output, out var settings))
        {
            output.WriteLine($"modes [SECTION] [--runs N] [--law {string.Join('|', Laws.Select(instance => instance.Name))}] [--rule NAME], where SECTION is one of (default: qm1 and qm2)");
            foreach (var (name, what, _) in Sections)
            {
                output.WriteLine($"  {name,-10}{what}");
            }

            return 2;
        }

        chosen.ForEach(section => section.Run(settings));
        output.WriteLine(settings.BrokenPromises == 0 ? "Every promise kept." : $"{settings.BrokenPromises} promises BROKEN, marked '!'.");
        return settings.BrokenPromises == 0 ? 0 : 1;
    }

    private static bool TryRead(IReadOnlyList<string> arguments, TextWriter output, out RunSettings settings)
    {
        settings = new RunSettings(null, null, null, output);
        for (var at = arguments.Count > 0 && arguments[0].StartsWith("--", StringComparison.Ordinal) ? 0 : 1; at < arguments.Count; at += 2)
        {
            var value = at + 1 < arguments.Count ? arguments[at + 1] : "";
            if (arguments[at] == "--runs" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var runs) && runs >= 2)
            {
                settings = settings with { Runs = runs };
            }
            else if (arguments[at] == "--law" && Laws.Any(instance => instance.Name == value))
            {
                settings = settings with { Law = value };
            }
            else if (arguments[at] == "--rule" && LabelRules.All.Concat(PairRules.All).Contains(value))
            {
                settings = settings with { Rule = value };
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>How a section is to run.</summary>
/// <param name="Runs">Runs a cell (scale: keys); null for the section's own number.</param>
/// <param name="Law">The one law of qm1, qm2 or validity; null for all of them.</param>
/// <param name="Rule">The one rule; null for all of them.</param>
/// <param name="Output">Where the tables go.</param>
internal sealed record RunSettings(int? Runs, string? Law, string? Rule, TextWriter Output)
{
    /// <summary>Cells that are worse than promised.</summary>
    public int BrokenPromises { get; private set; }

    public bool Takes(Instance instance) => Law is null || instance.Name == Law;

    public bool TakesRule(string rule) => Rule is null || rule == Rule;

    /// <returns>A mark to print: empty, or '!' when <paramref name="kept"/> is false, which is then counted.</returns>
    public string Promise(bool kept)
    {
        BrokenPromises += kept ? 0 : 1;
        return kept ? "" : "!";
    }
}
