using System.Globalization;

namespace Streams.Benchmarks.Graphs;

/// <summary>
/// How well graphs and filters are learned. <c>graphs</c>: every method beside the design page's figures; <c>graphs samples</c>: how many samples a filter
/// wants; <c>graphs speed</c>: what a step takes.
/// </summary>
internal static class GraphsCommand
{
    private static readonly (string Name, string What, Action<GraphSettings> Run)[] Sections =
    [
        ("table", "edge F1, average precision, filter and covariance error, time (default)", GraphsTable.Print),
        ("samples", "F1 of the closed form from 50 to 20,000 samples", SamplesTable.Print),
        ("speed", "a learning step and its parts beside libtorch's eigendecomposition", SpeedTable.Print),
    ];

    /// <returns>The exit code: 0; 1 when a figure breaks a promise; 2 when the command was not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        var named = arguments.Count > 0 && !arguments[0].StartsWith("--", StringComparison.Ordinal) ? arguments[0] : "table";
        var section = Sections.FirstOrDefault(candidate => candidate.Name == named);
        if (section.Run is null || !TryRead(arguments, output, out var settings))
        {
            output.WriteLine("graphs [SECTION] [--seeds N] [--first-seed N] [--vertices N,…] [--graph NAME,…] [--filter NAME,…] [--methods NAME,…]");
            foreach (var (name, what, _) in Sections)
            {
                output.WriteLine($"  {name,-20}{what}");
            }

            output.WriteLine($"Graphs: {string.Join(", ", GraphFamily.Names)}. Filters: {string.Join(", ", TrueFilter.Names)}. Methods:");
            foreach (var method in GraphMethod.All)
            {
                output.WriteLine($"  {method.Name,-20}{method.What}");
            }

            return 2;
        }

        section.Run(settings);
        output.WriteLine(settings.BrokenPromises == 0 ? "Every promise kept." : $"{settings.BrokenPromises} promises BROKEN, marked '!'.");
        return settings.BrokenPromises == 0 ? 0 : 1;
    }

    private static bool TryRead(IReadOnlyList<string> arguments, TextWriter output, out GraphSettings settings)
    {
        settings = new GraphSettings(output);
        for (var at = arguments.Count > 0 && arguments[0].StartsWith("--", StringComparison.Ordinal) ? 0 : 1; at < arguments.Count; at += 2)
        {
            var values = at + 1 < arguments.Count ? arguments[at + 1].Split(',') : [];
            var number = values.Length == 1 && int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
            settings = arguments[at] switch
            {
                "--seeds" when number >= 1 => settings with { Seeds = number },
                "--first-seed" when number >= 0 => settings with { FirstSeed = number },
                "--vertices" when values.All(value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= 10) => settings with { Vertices = values },
                "--graph" when !values.Except(GraphFamily.Names).Any() => settings with { Families = values },
                "--filter" when !values.Except(TrueFilter.Names).Any() => settings with { Filters = values },
                "--methods" when !values.Except(GraphMethod.All.Select(method => method.Name)).Any() => settings with { Methods = values },
                _ => null!,
            };
            if (settings is null || values.Length == 0)
            {
                return false;
            }
        }

        return true;
    }
}
