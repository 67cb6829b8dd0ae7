namespace Streams.Schemas.Results;

/// <summary>What an estimator wants to know: the label of one sample, or whether two have the same (query models 1 and 2 of Shah et al., AAAI 2020). Data of <see cref="Topics.LabelQueries"/>.</summary>
/// <param name="Task">The task.</param>
/// <param name="Kind">Ask, or stop asking.</param>
/// <param name="Query">Number of the query, from 0; null for stop.</param>
/// <param name="Sample">Number of the sample in the task's pool; null for stop.</param>
/// <param name="Progress">Where the task stood.</param>
/// <param name="Other">Number of the sample to compare with; null unless a comparison is asked for.</param>
public sealed record LabelQuery(string Task, LabelQueryKind Kind, long? Query, int? Sample, LabelProgress Progress, int? Other = null);

/// <summary>Kinds of <see cref="LabelQuery"/>.</summary>
public enum LabelQueryKind
{
    /// <summary>The label of the sample is wanted.</summary>
    Ask,

    /// <summary>Whether the sample and the other one have the same label is wanted.</summary>
    Compare,

    /// <summary>Nothing more is wanted; open queries need no answer.</summary>
    Stop,
}

/// <summary>Counts of a task while it is open.</summary>
/// <param name="Labels">Labels counted so far; with pairs, samples compared.</param>
/// <param name="Leader">The most frequent label so far.</param>
/// <param name="LeaderCount">Its count.</param>
/// <param name="RunnerUpCount">Count of the second.</param>
/// <param name="LeaderNeeded">Leader count at which the task would stop if the runner-up stood still; null with pairs and the rule a2.</param>
/// <param name="LeaderSample">With pairs: a sample of the most frequent label so far.</param>
/// <param name="QueriesUsed">With pairs: queries whose answers were used.</param>
/// <param name="Candidates">With pairs: labels found and not rejected.</param>
public sealed record LabelProgress(
    long Labels,
    string? Leader,
    long LeaderCount,
    long RunnerUpCount,
    long? LeaderNeeded,
    int? LeaderSample = null,
    long? QueriesUsed = null,
    int? Candidates = null);
