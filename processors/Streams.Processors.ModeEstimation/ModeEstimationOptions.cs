using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.ModeEstimation;

/// <summary>Settings of mode estimation. What a task's definition says takes precedence.</summary>
public sealed record ModeEstimationOptions
{
    /// <summary>Accepted probability of error of a task whose samples arrive without a definition.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double DefaultDelta { get; init; } = 0.01;

    /// <summary>Upper bound of the number of different labels of a task whose samples arrive without a definition.</summary>
    [Range(2, Schemas.Labels.LabelCodec.MaxLabelKinds)]
    public int DefaultLabels { get; init; } = 100;

    /// <summary>
    /// Active tasks: how many times <c>inFlight</c> answers may lie waiting for an earlier one that is slow. Beyond that
    /// nothing more is asked until it comes, so an oracle that loses a question cannot make a task ask for ever.
    /// </summary>
    [Range(1, 64)]
    public int AnswersAhead { get; init; } = 4;

    /// <summary>
    /// Active tasks: ask only for labels that are sure to be counted, even if fewer than <c>inFlight</c> queries are open then.
    /// Saves up to <c>inFlight</c> - 1 labels a task and costs round trips near its end.
    /// </summary>
    public bool AskOnlyWhatIsNeeded { get; init; }

    /// <summary>Passive tasks: ids of the latest samples that are remembered in order to drop repeats. 12 bytes of state each.</summary>
    [Range(1, 1 << 20)]
    public int RememberedSamples { get; init; } = 16_384;

    /// <summary>
    /// Tasks whose definition bounds the number of labels in no way: labels that have a counter, from which the mode must be told, so it has to lead by more
    /// than one label in so many. About 10 bytes and the label's text of state each. A task under way keeps the number that it began with.
    /// </summary>
    [Range(2, 65_536)]
    public int OpenSetCounters { get; init; } = 1_024;
}
