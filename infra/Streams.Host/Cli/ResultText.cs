using System.Globalization;
using System.Text.Json;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Cli;

/// <summary>A result in one line for people.</summary>
internal static class ResultText
{
    public static string Of(ResultRecord result) => result.Topic switch
    {
        Topics.VideoCaptions when Data<Caption>(result) is { } caption =>
            Invariant($"{caption.Text} ({caption.Frames} frames, confidence {caption.Confidence:0.00})"),
        Topics.SensorGraphs when Data<LearnedGraph>(result) is { } graph =>
            Invariant($"{graph.Sensors.Count} sensors, {graph.Edges.Count} edges from {graph.Samples} rows, fit {graph.Fit:0.000}{Strongest(graph)}"),
        Topics.SensorImputed when Data<ImputedReadings>(result) is { } imputed =>
            string.Join(", ", imputed.Values.Take(4).Select(value =>
                Invariant($"{value.Sensor} = {value.Value:0.##} ± {value.StandardDeviation:0.##} {imputed.Units}"))) + More(imputed.Values.Count - 4),
        Topics.LabelQueries when Data<LabelQuery>(result) is { } query => query.Kind switch
        {
            LabelQueryKind.Stop => "stop asking",
            LabelQueryKind.Compare => Invariant($"samples {query.Sample} and {query.Other} equal? ({query.Progress.QueriesUsed} queries used so far, {query.Progress.Candidates} candidates)"),
            _ => Invariant($"label of sample {query.Sample}? ({query.Progress.Labels} labels so far, {query.Progress.Leader ?? "none"} leads {query.Progress.LeaderCount}:{query.Progress.RunnerUpCount})"),
        },
        Topics.LabelModes when Data<LabelMode>(result) is { } mode => Invariant(
            $"{(mode.Status switch { LabelModeStatus.Decided => "mode is", LabelModeStatus.EpsMode => "mode within the tolerance is", LabelModeStatus.Reopened => "open again, mode is no longer", _ => "undecided, leader is" })} {(mode.ModeSample is { } sample ? $"that of sample {sample}" : mode.Mode)} ({mode.LeaderCount}:{mode.RunnerUpCount}, confidence {1 - mode.Delta:0.###}, asked {mode.LabelsAsked}, saved {mode.LabelsSaved})"),
        _ => result.Data.GetRawText(),
    };

    private static T? Data<T>(ResultRecord result) => result.Data.Deserialize<T>(ResultJson.Options);

    private static string Strongest(LearnedGraph graph) => graph.Edges.Count == 0
        ? ""
        : $", strongest {graph.Sensors[graph.Edges[0].From]} – {graph.Sensors[graph.Edges[0].To]}";

    private static string More(int count) => count > 0 ? Invariant($" and {count} more") : "";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
