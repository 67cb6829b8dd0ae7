using System.Globalization;

namespace Streams.EndToEnd.Faults;

/// <summary>What became of a scenario: a row of the table that <c>tests/chaos</c> prints.</summary>
internal sealed record Outcome(string Scenario, double Rate, string Faults, int Records, HistoryChecker.Verdict Verdict, TimeSpan LongestGap, bool ShownOnce)
{
    public bool IsClean => Verdict.IsClean && ShownOnce;

    /// <summary>Fails the test unless nothing was lost, doubled, reordered or missing from REST.</summary>
    public Outcome ThrowIfNotClean(Func<string> otherwise)
    {
        Assert.True(IsClean, $"{Scenario}: {Verdict}; REST shows every result once: {ShownOnce}\n{otherwise()}");
        return this;
    }

    public string ToRow() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Scenario} | {Rate:0} | {Faults} | {Records} | {Verdict.Lost.Count} | {Verdict.Doubled.Count + Verdict.Conflicts.Count} | {LongestGap.TotalSeconds:0.0} s | {(IsClean ? "ok" : Verdict)} |");
}
