using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Passive;

/// <summary>What comes in for a passive task: which labels it has, and which samples were there before.</summary>
/// <remarks>
/// Samples count in the order of arrival, which the log fixes. The guarantee then rests on the producer: samples must be
/// independent and their order must not depend on their labels. An active task needs no such trust.
/// </remarks>
/// <param name="definition">The task.</param>
/// <param name="isImplied">The definition was made from the defaults because samples came without one.</param>
/// <param name="labels">Labels seen so far.</param>
/// <param name="memory">Samples seen lately.</param>
internal sealed class PassiveSamples(LabelTask definition, bool isImplied, LabelTable labels, SampleMemory memory)
{
    public SampleMemory Memory => memory;

    /// <summary>Takes a sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="label">Number of its label, when it is new.</param>
    /// <returns>The label that the sample already had, when it had one; null when the sample was new.</returns>
    /// <exception cref="RecordFormatException">The sample cannot belong to the task; nothing has changed.</exception>
    public string? Take(LabelSample sample, out int label)
    {
        CheckUnasked(sample);
        label = -1;
        if (memory.LabelOf(sample.Sample) is { } known)
        {
            return labels.Texts[known];
        }

        label = labels.Admit(sample.Label!, definition, isImplied);
        memory.Add(sample.Sample, label);
        return null;
    }

    /// <exception cref="RecordFormatException">The sample answers a query.</exception>
    public static void CheckUnasked(LabelSample sample)
    {
        if (sample.Query is { } query)
        {
            throw new RecordFormatException("data.query", $"is {query}, but the task has no pool and asks nothing; leave it out, or define the task with a pool");
        }
    }
}
