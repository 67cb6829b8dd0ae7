using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>How a labelling task came to where it is: its log once more through the processor that live runs.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Definition">The definition in force; null when samples came without one, or it came before what was read.</param>
/// <param name="IsOpen">It takes samples still.</param>
/// <param name="Rule">Stopping rule and version; null before the first label.</param>
/// <param name="Delta">Accepted probability of error; null before the first record.</param>
/// <param name="LogThreshold">Natural logarithm of the e-value at which the rule decides as things stand: ln(m / delta), m the number of hypotheses; null while the p-value is still 1.</param>
/// <param name="StopsOnEvidence">The rule decides by this e-value; else by confidence bounds, and the e-value is told for comparison.</param>
/// <param name="Asked">Queries sent to oracles.</param>
/// <param name="Labels">Different samples by label up to the end, the most frequent first; empty for tasks about pairs.</param>
/// <param name="Points">Standings in log order; all of them of a short history, else evenly spread.</param>
public sealed record TaskTrace(
    string Task,
    LabelTask? Definition,
    bool IsOpen,
    string? Rule,
    double? Delta,
    double? LogThreshold,
    bool StopsOnEvidence,
    long Asked,
    IReadOnlyList<LabelCount> Labels,
    IReadOnlyList<TracePoint> Points)
{
    /// <summary>It was made of the task's whole log; else of its newest part, and counts and evidence are those of that part.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>Most points of a trace.</summary>
    public const int MaxPoints = 300;

    // These report the evidence of another rule beside their bounds, see LabelMode.LogEValue.
    private static readonly string[] BoundRules = ["a1/", "a1-1v1/", "a2/", "ppr-1vr/", "klsn-1v1/"];

    /// <summary>Traces a task.</summary>
    /// <param name="task">Its name.</param>
    /// <param name="records">Its records on <see cref="Topics.LabelSamples"/>, in log order.</param>
    /// <param name="options">Settings as live has them.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<TaskTrace> RunAsync(string task, IReadOnlyList<InputRecord> records, ModeEstimationOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(records);
        var processor = new LabelTaskProcessor(task, options);
        var history = new TaskHistory(task, options);
        var points = new List<TracePoint>();
        var stride = Math.Max(1, (records.Count + MaxPoints - 1) / MaxPoints);
        LabelMode? standing = null;
        var (asked, hasBegun) = (0L, false);
        for (var i = 0; i < records.Count; i++)
        {
            var hasEnded = hasBegun && processor.Open is null;
            var output = await processor.ApplyAsync([records[i]], ct);
            hasBegun |= output.Rejections.Count == 0;
            asked += output.Results.LongCount(result => result.Topic == Topics.LabelQueries && result.Type == EventTypes.LabelQuery && IsQuestion(result));
            if (output.Rejections.Count == 0 && !hasEnded)
            {
                history.Add(records[i]);
            }

            var ending = output.Results.LastOrDefault(result => result.Topic == Topics.LabelModes) is { } result ? ResultJson.Deserialize<LabelMode>(result.Data) : null;
            if (ending is not null || i % stride == 0 || i == records.Count - 1)
            {
                var now = ending ?? processor.Open?.GiveUp(records[i].Offset);
                if (now is not null && (standing is null || now.LabelsUsed != standing.LabelsUsed || ending is not null))
                {
                    points.Add(new TracePoint(records[i].EventTime, now.LabelsUsed, now.Mode, now.LeaderCount, now.RunnerUpCount, now.LogEValue, now.PValue, now.Epoch ?? 1));
                }

                standing = now ?? standing;
            }
        }

        return new TaskTrace(
            task,
            processor.Open is { IsImplied: false } open ? open.Definition : history.Definition,
            processor.Open is not null,
            standing?.Rule,
            standing?.Delta,
            Threshold(points, standing, history.Definition),
            standing is not null && !BoundRules.Any(rule => standing.Rule.StartsWith(rule, StringComparison.Ordinal)),
            asked,
            history.IsAboutPairs ? [] : history.LabelCounts,
            points);
    }

    private static bool IsQuestion(ResultDraft result) => ResultJson.Deserialize<LabelQuery>(result.Data).Kind != LabelQueryKind.Stop;

    /// <summary>ln(m / delta), with m from the newest p-value m exp(-LogEValue) that is below 1. A tolerance leaves half of delta to the mode.</summary>
    private static double? Threshold(List<TracePoint> points, LabelMode? standing, LabelTask? definition)
    {
        if (standing is null || points.FindLast(point => point.PValue is > 0 and < 1) is not { } point)
        {
            return null;
        }

        var delta = definition is { Tolerance: null, RelativeTolerance: null } or null ? standing.Delta : standing.Delta / 2;
        return Math.Round(Math.Log(point.PValue) + point.LogEValue - Math.Log(delta), 4);
    }
}
