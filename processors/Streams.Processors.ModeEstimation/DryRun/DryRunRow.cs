using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>What a setting would have cost and brought, over all tasks of a history.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Tasks">Tasks.</param>
/// <param name="Decided">Tasks that ended <see cref="LabelModeStatus.Decided"/>.</param>
/// <param name="EpsMode">Tasks that ended <see cref="LabelModeStatus.EpsMode"/>.</param>
/// <param name="Abstained">Tasks that ended <see cref="LabelModeStatus.Abstain"/>.</param>
/// <param name="Open">Tasks that the history is too short to end.</param>
/// <param name="MeanLabels">Labels used, the mean over the tasks; an open task has used all that there are.</param>
/// <param name="Percentile90Labels">Labels used, nearest-rank 90th percentile.</param>
/// <param name="LabelsUsed">Labels used, all tasks together.</param>
/// <param name="LabelsSaved">Labels of the history that would not have been needed.</param>
/// <param name="Differing">Tasks decided, or decided within the tolerance, on another label than one that is most frequent in the whole history.</param>
/// <param name="Refused">Samples that live would have refused.</param>
/// <param name="FirstRefusal">Why the first of them was; null: none was refused.</param>
public sealed record DryRunRow(
    DryRunSetting Setting,
    int Tasks,
    int Decided,
    int EpsMode,
    int Abstained,
    int Open,
    double MeanLabels,
    int Percentile90Labels,
    long LabelsUsed,
    long LabelsSaved,
    int Differing,
    int Refused,
    string? FirstRefusal)
{
    /// <summary>Share of the tasks without an answer: abstained, or still open.</summary>
    public double UnansweredShare => (Abstained + Open) / (double)Tasks;

    internal static DryRunRow Of(DryRunSetting setting, IReadOnlyList<(TaskHistory History, TaskOutcome Outcome)> tasks)
    {
        var used = tasks.Select(task => task.Outcome.LabelsUsed).Order().ToList();
        var total = used.Sum(labels => (long)labels);
        int Count(LabelModeStatus? status) => tasks.Count(task => task.Outcome.Status == status);
        return new DryRunRow(
            setting,
            tasks.Count,
            Count(LabelModeStatus.Decided),
            Count(LabelModeStatus.EpsMode),
            Count(LabelModeStatus.Abstain),
            Count(null),
            total / (double)tasks.Count,
            used[(int)Math.Ceiling(0.9 * tasks.Count) - 1],
            total,
            tasks.Sum(task => (long)task.History.Labels) - total,
            tasks.Count(task => task.Outcome is { IsDecision: true, Label: { } label } && !task.History.IsMajority(label)),
            tasks.Sum(task => task.Outcome.Refused),
            tasks.FirstOrDefault(task => task.Outcome.FirstRefusal is not null).Outcome?.FirstRefusal);
    }
}
