using System.Globalization;
using System.Text;
using Spectre.Console;
using Streams.Dashboard.Status;
using Streams.Host.Oracles;
using Streams.Schemas.Results;

namespace Streams.Host.Demo;

/// <summary>What became of the records of one source topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Published">Records on the topic.</param>
/// <param name="Applied">Records that grains took.</param>
/// <param name="DeadLettered">Records that the pump refused.</param>
/// <param name="DeadLetters">Records on the dead-letter topic.</param>
internal sealed record TopicAccount(string Topic, long Published, long Applied, long DeadLettered, long DeadLetters)
{
    /// <summary>Every record led to state and results, or lies in the dead-letter topic.</summary>
    public bool IsAccountedFor => Published == Applied + DeadLettered && DeadLettered == DeadLetters;
}

/// <summary>The table at the end of a demo.</summary>
internal sealed class DemoReport
{
    public required CaptionAccuracy Captions { get; init; }

    public required LearnedGraph? Graph { get; init; }

    public required (double Edges, double AllPairs)? EdgeLengths { get; init; }

    public required ImputationScore Imputation { get; init; }

    public required int Withheld { get; init; }

    public required IReadOnlyList<(DemoTasks.DemoTask Task, LabelMode? Mode)> Modes { get; init; }

    public required (CaptionTaskRequest Request, CaptionTaskSummary Summary) Watched { get; init; }

    public required string WatchedTruth { get; init; }

    public required IReadOnlyList<TopicAccount> Accounts { get; init; }

    public required IReadOnlyDictionary<string, long> Results { get; init; }

    public required long MissingResults { get; init; }

    public required IReadOnlyList<(string Topic, double? P50, double? P99)> Latencies { get; init; }

    public bool IsAccountedFor => Accounts.All(account => account.IsAccountedFor) && MissingResults == 0;

    /// <summary>The same as the table, for programs.</summary>
    public string ToJson() => Encoding.UTF8.GetString(ResultJson.Serialize(new
    {
        Captions,
        Graph = Graph is null ? null : new { Edges = Graph.Edges.Count, Sensors = Graph.Sensors.Count, Graph.Samples, Graph.Fit, MedianEdgeKm = EdgeLengths?.Edges, MedianPairKm = EdgeLengths?.AllPairs },
        Imputed = new { Imputation.Readings, Withheld, Imputation.Rmse, Imputation.MeanRmse, Imputation.SpatialRmse, Imputation.Coverage },
        Modes = Modes.Select(found => new { found.Task.Definition.Task, Truth = found.Task.Mode, found.Mode?.Mode, found.Mode?.Status, found.Mode?.LabelsAsked, found.Mode?.LabelsSaved }),
        Watched = new
        {
            Watched.Request.Camera,
            Truth = WatchedTruth,
            Watched.Summary.Mode.Mode,
            Watched.Summary.Mode.Status,
            Watched.Summary.Clips,
            Watched.Summary.CaptionedByModel,
            Watched.Summary.ModelCallsSaved,
        },
        Latencies = Latencies.Select(latency => new { latency.Topic, P50Milliseconds = latency.P50, P99Milliseconds = latency.P99 }),
        Topics = Accounts,
        Results,
        MissingResults,
        IsAccountedFor,
    }));

    public void Print()
    {
        var table = new Table().Border(TableBorder.Rounded).Title("[bold]What the pipeline found[/]").AddColumn("").AddColumn("result").AddColumn("held against");
        var (right, total) = (Captions.Attributes.Sum(attribute => attribute.Right), Captions.Attributes.Sum(attribute => attribute.Total));
        table.AddRow("captions", Text($"{Captions.Clips} from 3 cameras"), Text($"{right} of {total} attributes right ({Share(right, total)}), {Captions.Exact} captions right in every word"));
        table.AddRow("their attributes", "", Text($"{string.Join(", ", Captions.Attributes.Select(attribute => $"{attribute.Attribute} {attribute.Right}/{attribute.Total}"))}"));
        table.AddRow("sensor graph", Graph is null ? "[red]none[/]" : Text($"{Graph.Edges.Count} edges among {Graph.Sensors.Count} sensors, from {Graph.Samples} days"), Lengths());
        table.AddRow("its filter", Graph is null ? "[red]none[/]" : Text($"gain {Graph.Filter.Gain[0]:0.00} at the lowest frequency, {Graph.Filter.Gain[^1]:0.00} at the highest"), Graph is null ? "" : Text($"relative fit error {Graph.Fit:0.000}"));
        table.AddRow("filled in", Text($"{Imputation.Readings} of {Withheld} withheld readings, error {Imputation.Rmse:0.00} °C (RMSE)"), Text($"{Imputation.MeanRmse:0.00} °C by each sensor's mean, {Imputation.SpatialRmse:0.00} °C by the day's mean; {Imputation.Coverage:0%} inside the 90 % interval"));
        foreach (var (task, mode) in Modes)
        {
            table.AddRow(
                $"mode of {task.Definition.Task}",
                mode is null ? "[red]none[/]" : Text($"{mode.Mode}, {(mode.Status == LabelModeStatus.Decided ? "decided" : "undecided")} with confidence {1 - mode.Delta:0.##}"),
                mode is null ? "" : Text($"truth {task.Mode}; {mode.LabelsAsked} labels asked, {mode.LabelsSaved} saved"));
        }

        var (asked, found) = Watched;
        table.AddRow(
            $"main object of {asked.Camera}",
            Text($"{found.Mode.Mode}, {(found.Mode.Status == LabelModeStatus.Decided ? "known" : "undecided")} at delta {asked.Task.Delta:0.##} after {found.CaptionedByModel} of {found.Clips} clips captioned"),
            Text($"truth {WatchedTruth}; {found.ModelCallsSaved} model calls saved"));
        foreach (var (topic, p50, p99) in Latencies)
        {
            table.AddRow($"latency of {topic}", Text($"p50 {p50:0} ms, p99 {p99:0} ms"), "broker's timestamp to result in Redis, all records at once");
        }

        AnsiConsole.Write(table);

        var accounts = new Table().Border(TableBorder.Rounded).Title("[bold]Every record accounted for[/]")
            .AddColumn("topic").AddColumn(new TableColumn("records in").RightAligned()).AddColumn(new TableColumn("processed").RightAligned()).AddColumn(new TableColumn("dead letters").RightAligned()).AddColumn("");
        foreach (var account in Accounts)
        {
            accounts.AddRow(account.Topic, $"{account.Published}", $"{account.Applied}", $"{account.DeadLetters}", account.IsAccountedFor ? "[green]ok[/]" : "[red]not accounted for[/]");
        }

        AnsiConsole.Write(accounts);
        AnsiConsole.MarkupLineInterpolated($"Results: {string.Join(", ", Results.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key}"))}; {(MissingResults == 0 ? "all of them in Redis" : $"{MissingResults} not in Redis")}.");
    }

    private string Lengths() => EdgeLengths is { } km ? Text($"median edge {km.Edges:0} km, median pair {km.AllPairs:0} km") : "";

    private static string Share(int part, int whole) => whole == 0 ? "0 %" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0.0} %");

    private static string Text(FormattableString text) => Markup.Escape(text.ToString(CultureInfo.InvariantCulture));
}
