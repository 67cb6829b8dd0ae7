namespace Streams.Schemas.Results;

/// <summary>The outcome of a labelling task, published once. Data of <see cref="Topics.LabelModes"/>.</summary>
/// <param name="Task">The task.</param>
/// <param name="Status">Decided, or abstained when the budget ran out.</param>
/// <param name="Mode">The most frequent label (the leader when abstained); null with pairs, see ModeSample.</param>
/// <param name="Delta">The error probability that was promised; the confidence is 1 - Delta.</param>
/// <param name="LabelsUsed">Labels counted, repeats of a known sample included (rule <c>census</c>: samples known).</param>
/// <param name="LabelsAsked">Queries sent to oracles; 0 in passive mode.</param>
/// <param name="LabelsSaved">Labels fewer than labelling the whole pool, or, without a pool, than the fixed-size design of equal error (2 ln(2K/Delta)/gap^2 labels by Hoeffding and a union bound, at the gap observed).</param>
/// <param name="LeaderCount">Count of the mode.</param>
/// <param name="RunnerUpCount">Count of the second label.</param>
/// <param name="LogEValue">Natural logarithm of the evidence (e-value, here the prior-posterior ratio) against the runner-up being the mode.</param>
/// <param name="PValue">Anytime-valid p-value, min(1, (K-1) exp(-LogEValue)), without the K-1 for the rule leader-betting; 0 when the labels left in the pool could change nothing (rule <c>census</c>).</param>
/// <param name="Rule">Stopping rule and version.</param>
/// <param name="ModeSample">With pairs: number of a sample that has the mode (the leader when abstained), which is all that names it there.</param>
/// <param name="QueriesUsed">With pairs: queries whose answers were used. The budget counts these; LabelsAsked are those sent, some of them ahead and in vain.</param>
/// <param name="CandidateSamples">With pairs, when abstained: one sample of each label found and not rejected, the most frequent first.</param>
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
    int? ModeSample = null,
    long? QueriesUsed = null,
    IReadOnlyList<int>? CandidateSamples = null);

/// <summary>How a labelling task ended.</summary>
public enum LabelModeStatus
{
    /// <summary>The mode is known with the promised confidence.</summary>
    Decided,

    /// <summary>The budget ran out first.</summary>
    Abstain,
}
