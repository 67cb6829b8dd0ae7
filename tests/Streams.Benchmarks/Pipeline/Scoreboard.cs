using System.Globalization;

namespace Streams.Benchmarks.Pipeline;

/// <summary>Rows of the issue's targets, printed as they come and once more as one table at the end.</summary>
internal sealed class Scoreboard(TextWriter output)
{
    private readonly List<Row> _rows = [];

    public TextWriter Output => output;

    /// <summary>Rows whose target was missed.</summary>
    public int Missed => _rows.Count(row => row.Met == false);

    /// <summary>A figure that must be <paramref name="least"/> at least.</summary>
    public void AtLeast(string what, double least, IReadOnlyList<double> measured, string unit, double ratio = double.NaN) =>
        Add(new Row(what, $"≥ {Number(least)} {unit}", Best(measured, true), unit, ratio, Best(measured, true) >= least, Spread(measured)));

    /// <summary>A figure that must be <paramref name="most"/> at most.</summary>
    public void AtMost(string what, double most, IReadOnlyList<double> measured, string unit, double ratio = double.NaN) =>
        Add(new Row(what, $"≤ {Number(most)} {unit}", Best(measured, false), unit, ratio, Best(measured, false) <= most, Spread(measured)));

    /// <summary>A figure without a target.</summary>
    public void Note(string what, IReadOnlyList<double> measured, string unit, double ratio = double.NaN) =>
        Add(new Row(what, "", measured.Order().ElementAt(measured.Count / 2), unit, ratio, null, Spread(measured)));

    /// <summary>The outcome of a command that judges its own promises.</summary>
    public void Verdict(string what, string target, bool met) => Add(new Row(what, target, double.NaN, "", double.NaN, met, ""));

    /// <summary>Why a row is not there.</summary>
    public void Missing(string what, string why) => Add(new Row(what, why, double.NaN, "", double.NaN, false, ""));

    /// <summary>The whole table.</summary>
    public void Print()
    {
        output.WriteLine("| what | target | measured | ratio | met | spread |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var row in _rows)
        {
            output.WriteLine($"| {row.What} | {row.Target} | {Number(row.Measured)} {row.Unit} | {Number(row.Ratio)} | {Mark(row.Met)} | {row.Spread} |");
        }
    }

    private void Add(Row row)
    {
        _rows.Add(row);
        output.WriteLine($"{(row.Met == false ? "! " : "  ")}{row.What}: {Number(row.Measured)} {row.Unit} {(row.Target.Length > 0 ? $"({row.Target})" : "")} {row.Spread}");
        output.Flush();
    }

    // Others use the machine: the best of the repeats is the nearest to what the program does by itself; the spread says how far the others lie.
    private static double Best(IReadOnlyList<double> measured, bool high) => high ? measured.Max() : measured.Min();

    private static string Spread(IReadOnlyList<double> measured) => measured.Count < 2 ? "once" : $"{Number(measured.Min())}–{Number(measured.Max())} of {measured.Count}";

    private static string Mark(bool? met) => met switch { true => "yes", false => "**no**", null => "" };

    private static string Number(double value) =>
        double.IsNaN(value) ? "" : value.ToString(Math.Abs(value) >= 1000 ? "N0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);

    private sealed record Row(string What, string Target, double Measured, string Unit, double Ratio, bool? Met, string Spread);
}
