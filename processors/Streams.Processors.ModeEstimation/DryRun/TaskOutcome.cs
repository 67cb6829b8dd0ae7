using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>How a task would have ended.</summary>
/// <param name="Status">How; null: still open at the end of the history.</param>
/// <param name="Label">The label named, the leader when it abstained; null while open.</param>
/// <param name="LabelsUsed">Different samples that had a label by then.</param>
/// <param name="Refused">Samples that live would have refused by then, as a label more than the definition allows.</param>
/// <param name="FirstRefusal">Why the first of them was.</param>
internal sealed record TaskOutcome(LabelModeStatus? Status, string? Label, int LabelsUsed, int Refused, string? FirstRefusal)
{
    public bool IsDecision => Status is LabelModeStatus.Decided or LabelModeStatus.EpsMode;
}
