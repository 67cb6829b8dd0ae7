namespace Streams.Schemas.Results;

/// <summary>The outcome of a labelling task, published once; once an epoch by a task that watches for drift. Data of <see cref="Topics.LabelModes"/>.</summary>
/// <param name="Task">The task.</param>
/// <param name="Status">Decided; as good as decided, within the tolerance; or abstained when the budget ran out.</param>
/// <param name="Mode">The most frequent label (the leader unless decided); null with pairs, see ModeSample.</param>
/// <param name="Delta">The error probability that was promised; the confidence is 1 - Delta.</param>
/// <param name="LabelsUsed">Labels counted, repeats of a known sample included (rule <c>census</c>: samples known).</param>
/// <param name="LabelsAsked">Queries sent to oracles; 0 in passive mode.</param>
/// <param name="LabelsSaved">Labels fewer than labelling the whole pool, or, without a pool, than the fixed-size design of equal error (2 ln(2K/Delta)/gap^2 labels by Hoeffding and a union bound, at the gap observed; for an open set of labels 8 ln(2/Delta)/gap^2 by the DKW inequality).</param>
/// <param name="LeaderCount">Count of the mode; of an open set of labels, which is counted in bounded memory, a lower bound.</param>
/// <param name="RunnerUpCount">Count of the second label; of an open set an upper bound of every other label's.</param>
/// <param name="LogEValue">Natural logarithm of the evidence against the runner-up being the mode: an e-value, which holds whenever it is looked at. For rules that stop on confidence bounds (a1, a1-1v1, ppr-1vr, klsn-1v1) that of os-1v1.</param>
/// <param name="PValue">Anytime-valid p-value, min(1, m exp(-LogEValue)) with m = K-1; m = 1 for leader betting, m = r(r+1) for os-rank whose leader was the r-th label seen; 0 when the labels left in the pool could change nothing (rule <c>census</c>).</param>
/// <param name="Rule">Stopping rule and version.</param>
/// <param name="Unrejected">Unless decided: the labels seen that may still be the mode, most frequent first, <see cref="MaxUnrejected"/> at most. A confidence set: the mode is missing from it and the unseen ones with probability Delta at most. With <see cref="LabelModeStatus.EpsMode"/> these are the ones taken to be tied.</param>
/// <param name="UnrejectedCount">Unless decided: how many labels may still be the mode, those not seen included; null where nothing bounds that, in a task with an open set of labels.</param>
/// <param name="FirstOffset">Offset of the first record of the task; null if it came before this was kept.</param>
/// <param name="LastOffset">Offset of the record that ended it; null where the first is.</param>
/// <param name="ModeSample">With pairs: number of a sample that has the mode (the leader when abstained), which is all that names it there.</param>
/// <param name="QueriesUsed">With pairs: queries whose answers were used. The budget counts these; LabelsAsked are those sent, some of them ahead and in vain.</param>
/// <param name="CandidateSamples">With pairs, when abstained: one sample of each label found and not rejected, the most frequent first.</param>
/// <param name="Epoch">From the second on, which epoch of a task that was opened again; FirstOffset is then of the record that opened it. Null for the first.</param>
/// <param name="LeaderWeight">With weights: sum of the mode's weights, to six decimals; LeaderCount is it without its fraction.</param>
/// <param name="RunnerUpWeight">With weights: the largest sum of another label's; RunnerUpCount is it without its fraction.</param>
public sealed record LabelMode(
    string Task,
    LabelModeStatus Status,
    string? Mode,
    double Delta,
    long LabelsUsed,
    long LabelsAsked,
    long LabelsSaved,
    long LeaderCount,
    long RunnerUpCount,
    double LogEValue,
    double PValue,
    string Rule,
    IReadOnlyList<string>? Unrejected = null,
    int? UnrejectedCount = null,
    long? FirstOffset = null,
    long? LastOffset = null,
    int? ModeSample = null,
    long? QueriesUsed = null,
    IReadOnlyList<int>? CandidateSamples = null,
    int? Epoch = null,
    double? LeaderWeight = null,
    double? RunnerUpWeight = null)
{
    /// <summary>Most names in <see cref="Unrejected"/>.</summary>
    public const int MaxUnrejected = 20;
}

/// <summary>How a labelling task ended.</summary>
public enum LabelModeStatus
{
    /// <summary>The mode is known with the promised confidence.</summary>
    Decided,

    /// <summary>The budget ran out first.</summary>
    Abstain,

    /// <summary>The label is within the task's tolerance of the mode with the promised confidence; it may be tied.</summary>
    EpsMode,

    /// <summary>
    /// Not an end: the mode named before holds no more, and the task looks for another one in a new epoch. Mode and Epoch say which; LabelsUsed, LeaderCount and
    /// RunnerUpCount are the labels since the decision (record FirstOffset), those of the old mode and those of its strongest rival of the time;
    /// LogEValue is the logarithm of the detector's evidence. A detector has no p-value (PValue is 1): its promise is <see cref="Labels.LabelTask.DriftAlarm"/>.
    /// </summary>
    Reopened,
}
