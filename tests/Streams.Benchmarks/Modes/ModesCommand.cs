using System.Globalization;

namespace Streams.Benchmarks.Modes;

/// <summary>
/// What mode estimation asks for and how often it errs. <c>modes</c>: labels of every rule on the laws of the literature, beside the published
/// figures; <c>modes held-out</c>: on laws that nothing was tuned on; <c>modes validity</c>: error frequencies at ties.
/// </summary>
internal static class ModesCommand
{
    private static readonly (string Name, string What, Action<RunSettings> Run)[] s_sections =
    [
        ("qm1", "one label a query: mean labels to a decision", QueryModel1Table.Print),
        ("held-out", "the same on random, Zipf and wide laws, in batches", HeldOutLaws.Print),
        ("validity", "error frequency at exact and near ties (minutes)", ValidityStudy.Print),
    ];

    /// <returns>The exit code: 0; 1 when a figure breaks a promise; 2 when the command was not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        var section = arguments.Count > 0 && !arguments[0].StartsWith("--", StringComparison.Ordinal) ? arguments[0] : "qm1";
        var found = Array.Find(s_sections, candidate => candidate.Name == section);
        if (found.Run is null || !TryReadRuns(arguments, out var runs))
        {
            output.WriteLine("modes [SECTION] [--runs N], where SECTION is one of");
            foreach (var (name, what, _) in s_sections)
            {
                output.WriteLine($"  {name,-10}{what}");
            }

            return 2;
        }

        var settings = new RunSettings(runs, output);
        found.Run(settings);
        output.WriteLine(settings.BrokenPromises == 0 ? "Every promise kept." : $"{settings.BrokenPromises} promises BROKEN, marked '!'.");
        return settings.BrokenPromises == 0 ? 0 : 1;
    }

    private static bool TryReadRuns(IReadOnlyList<string> arguments, out int? runs)
    {
        runs = null;
        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at] != "--runs")
            {
                continue;
            }

            if (at + 1 == arguments.Count || !int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 2)
            {
                return false;
            }

            runs = number;
        }

        return true;
    }
}

/// <summary>How a section is to run.</summary>
/// <param name="Runs">Runs a cell; null for the section's own number.</param>
/// <param name="Output">Where the tables go.</param>
internal sealed record RunSettings(int? Runs, TextWriter Output)
{
    /// <summary>Cells that are worse than promised.</summary>
    public int BrokenPromises { get; private set; }

    /// <returns>A mark to print: empty, or '!' when <paramref name="kept"/> is false, which is then counted.</returns>
    public string Promise(bool kept)
    {
        BrokenPromises += kept ? 0 : 1;
        return kept ? "" : "!";
    }
}
