namespace Streams.Benchmarks.Graphs;

/// <summary>How a section is to run; null or empty: the section's own choice.</summary>
internal sealed record GraphSettings(TextWriter Output)
{
    public int? Seeds { get; init; }

    public int FirstSeed { get; init; }

    public string[] Vertices { get; init; } = [];

    public string[] Families { get; init; } = [];

    public string[] Filters { get; init; } = [];

    public string[] Methods { get; init; } = [];

    /// <summary>Figures that are worse than promised.</summary>
    public int BrokenPromises { get; private set; }

    /// <summary>What was chosen of <paramref name="all"/>.</summary>
    public static IEnumerable<string> Chosen(string[] chosen, IEnumerable<string> all) => all.Where(name => chosen.Length == 0 || chosen.Contains(name));

    /// <returns>A mark to print: empty, or '!' when <paramref name="kept"/> is false, which is then counted.</returns>
    public string Promise(bool kept)
    {
        BrokenPromises += kept ? 0 : 1;
        return kept ? "" : "!";
    }
}
