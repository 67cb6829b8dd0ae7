using System.Globalization;
using Spectre.Console;
using Streams.Processors.ModeEstimation.DryRun;

namespace Streams.Host.DryRuns;

/// <summary>A dry run for people: a table, and a chart of what an answer costs against how often there is none.</summary>
internal static class DryRunText
{
    private const int Width = 64;
    private const int Height = 12;

    /// <summary>Names of the rows in the chart; rows beyond have none.</summary>
    private const string Marks = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const char NoMark = '.';

    /// <summary>Several rows at one place.</summary>
    private const char Several = '*';

    public static Table Table(IReadOnlyList<DryRunRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("").AddColumn("rule");
        foreach (var name in new[] { "delta", "tolerance", "max", "decided", "eps-mode", "abstained", "open", "mean labels", "90 %", "saved", "saved %", "differ" })
        {
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        }

        for (var i = 0; i < rows.Count; i++)
        {
            var (row, setting) = (rows[i], rows[i].Setting);
            table.AddRow([
                $"{Mark(i)}", setting.Rule, Text(setting.Delta), Text(setting.Tolerance ?? 0), setting.MaxLabels is { } max ? Text(max) : "none",
                Text(row.Decided), Text(row.EpsMode), Text(row.Abstained), Text(row.Open),
                row.MeanLabels.ToString("n1", CultureInfo.InvariantCulture), row.Percentile90Labels.ToString("n0", CultureInfo.InvariantCulture),
                row.LabelsSaved.ToString("n0", CultureInfo.InvariantCulture), Percent(row.LabelsSaved / (double)(row.LabelsSaved + row.LabelsUsed)), Text(row.Differing)]);
        }

        return table;
    }

    /// <summary>Lines of the chart: mean labels to the right, share of tasks without an answer upwards; both from 0.</summary>
    public static IReadOnlyList<string> Chart(IReadOnlyList<DryRunRow> rows)
    {
        var (dearest, most) = (Math.Max(1, rows.Max(row => row.MeanLabels)), Math.Max(0.01, rows.Max(row => row.UnansweredShare)));
        var cells = new char[Height, Width];
        for (var i = 0; i < rows.Count; i++)
        {
            var x = (int)Math.Round(rows[i].MeanLabels / dearest * (Width - 1));
            var y = (int)Math.Round(rows[i].UnansweredShare / most * (Height - 1));
            cells[y, x] = cells[y, x] == 0 ? Mark(i) : Several;
        }

        var lines = new List<string> { "tasks without an answer (abstained or open)" };
        for (var y = Height - 1; y >= 0; y--)
        {
            var label = y is 0 or Height - 1 ? Percent(most * y / (Height - 1)) : "";
            lines.Add($"{label,7} |{string.Concat(Enumerable.Range(0, Width).Select(x => cells[y, x] == 0 ? ' ' : cells[y, x]))}".TrimEnd());
        }

        var end = dearest.ToString("n0", CultureInfo.InvariantCulture);
        lines.Add($"{"",7} +{new string('-', Width)}");
        lines.Add($"{"",8} 0{"mean labels a task",Width / 2}{end,(Width / 2) - 1}");
        if (cells.Cast<char>().Contains(Several))
        {
            lines.Add($"{"",8} {Several}: several settings");
        }

        return lines;
    }

    private static char Mark(int row) => row < Marks.Length ? Marks[row] : NoMark;

    private static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
