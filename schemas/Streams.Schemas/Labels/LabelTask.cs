namespace Streams.Schemas.Labels;

/// <summary>Opens a labelling task. Type <see cref="Envelope.EventTypes.LabelTask"/> on <see cref="Topics.LabelSamples"/>, keyed by task.</summary>
/// <param name="Task">The task; equals the record's key.</param>
/// <param name="Delta">Largest accepted probability of naming a label that is not the mode, in (0, 1).</param>
/// <param name="Labels">Number of different labels that can occur (K), at least 2; an upper bound will do. Null: nobody knows. A pool then stands in as the bound, for it has no more labels than samples; a task without a pool counts an open set of labels in bounded memory, by the rule <see cref="LabelRules.OneSidedRank"/>.</param>
/// <param name="Pool">Number of samples that can be asked about; the estimator names them 0 to Pool - 1. Null: passive, samples simply arrive.</param>
/// <param name="InFlight">Queries open at a time.</param>
/// <param name="MaxLabels">Labels counted after which the estimator abstains. Null: no limit.</param>
/// <param name="Rule">When to stop: one of <see cref="LabelRules.All"/> or <see cref="LabelRules.WeightedBetting"/>, null for <see cref="LabelRules.Default"/> (without labels and pool: <see cref="LabelRules.OneSidedRank"/>); with pairs one of <see cref="PairRules.All"/>, null for <see cref="PairRules.LeaderBetting"/>.</param>
/// <param name="MinLabels">Labels counted before which nothing is decided. Null: no minimum.</param>
/// <param name="Tolerance">Epsilon in (0, 1): a label whose share of all labels is at most so much below the mode's is as good, so that a tie ends too, as <see cref="Results.LabelModeStatus.EpsMode"/>. Null: only the mode will do.</param>
/// <param name="RelativeTolerance">Epsilon in (0, 0.5), instead of <paramref name="Tolerance"/>: a label is as good if its share theta of its own labels and the mode's is above 1/2 - epsilon.</param>
/// <param name="QueryModel">What is asked, one of <see cref="QueryModels.All"/>. Null, which decoding makes of the default: <see cref="QueryModels.Labels"/>.</param>
/// <param name="MaxQueries">Pairs only, and needed there: queries after which the estimator abstains. A run could be endless without.</param>
/// <param name="PairNoise">Pairs only: probability below 1/2 that an answer is wrong, independently of the others; each comparison is repeated then. Null: answers are right.</param>
/// <param name="Deadline">Event time at which the task ends as <see cref="Results.LabelModeStatus.Abstain"/> if it has not before, to the microsecond. The first record of the task at or after it ends it, and is not counted itself, so that what counts does not depend on which record that is. Null: none.</param>
/// <param name="ReaskAfterSeconds">Tasks with a pool: seconds without an answer after which the pipeline repeats the definition, which asks again. Null: it does not; a client may.</param>
/// <param name="DriftAlarm">Tasks without a pool: after the mode is named, further samples are watched, and when another label has become the mode the task opens again as a new epoch. The number, above 1, is the mean number of labels between false alarms, at least. Null: nothing is watched.</param>
public sealed record LabelTask(
    string Task,
    double Delta,
    int? Labels,
    int? Pool = null,
    int InFlight = LabelTask.DefaultInFlight,
    int? MaxLabels = null,
    string? Rule = null,
    int? MinLabels = null,
    double? Tolerance = null,
    double? RelativeTolerance = null,
    string? QueryModel = null,
    int? MaxQueries = null,
    double? PairNoise = null,
    DateTimeOffset? Deadline = null,
    int? ReaskAfterSeconds = null,
    double? DriftAlarm = null)
{
    /// <summary>Queries open at a time when the definition does not say.</summary>
    public const int DefaultInFlight = 8;

    /// <summary>Neither the definition nor a pool bounds the number of labels.</summary>
    /// <remarks>A method, so that it is no field of the record's JSON.</remarks>
    public bool IsOpenSet() => Labels is null && Pool is null;
}
