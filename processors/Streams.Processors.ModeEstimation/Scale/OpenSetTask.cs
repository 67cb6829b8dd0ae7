using Streams.Processors.ModeEstimation.Passive;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>
/// A passive task whose definition bounds the number of labels in no way: any label is taken, and the memory is bounded all the same, by the number of
/// counters that the task began with.
/// </summary>
internal sealed class OpenSetTask : ISampleTask
{
    private const string Rule = $"{LabelRules.OneSidedRank}/1";
    private readonly long _firstOffset;
    private readonly OpenSetEstimator _estimator;

    /// <summary>Samples seen lately, each with a hash of its label in the place of the label's number.</summary>
    private readonly SampleMemory _memory;

    /// <param name="definition">What was asked for.</param>
    /// <param name="firstOffset">Offset of the record that opened it.</param>
    /// <param name="options">Settings.</param>
    public OpenSetTask(LabelTask definition, long firstOffset, ModeEstimationOptions options)
        : this(
            definition,
            firstOffset,
            new OpenSetEstimator(options.OpenSetCounters, definition.Delta) { Minimum = definition.MinLabels ?? 0 },
            new SampleMemory(options.RememberedSamples))
    {
    }

    private OpenSetTask(LabelTask definition, long firstOffset, OpenSetEstimator estimator, SampleMemory memory)
    {
        Definition = definition;
        _firstOffset = firstOffset;
        _estimator = estimator;
        _memory = memory;
    }

    public LabelTask Definition { get; }

    public bool IsImplied => false;

    public LabelProgress Progress
    {
        get
        {
            var (leader, atLeast, rivalAtMost) = _estimator.Leader;
            return new LabelProgress(_estimator.Counted, leader, atLeast, rivalAtMost, null);
        }
    }

    public bool? Take(LabelSample sample)
    {
        PassiveSamples.CheckUnasked(sample);
        var label = (int)(Hashing.Text(sample.Label!) & int.MaxValue);
        if (_memory.LabelOf(sample.Sample) is { } known)
        {
            return known == label;
        }

        _memory.Add(sample.Sample, label);
        _estimator.Add(sample.Label!);
        return null;
    }

    public IEnumerable<LabelQuery> Ask() => [];

    public IEnumerable<LabelQuery> AskAgain() => [];

    public LabelMode? Outcome(long lastOffset) =>
        _estimator.Mode is not null ? Result(LabelModeStatus.Decided, lastOffset)
        : _estimator.Counted >= Definition.MaxLabels ? GiveUp(lastOffset)
        : null;

    public LabelMode? GiveUp(long lastOffset) => Result(LabelModeStatus.Abstain, lastOffset);

    public void Save(BinaryWriter writer)
    {
        TaskDefinitionState.Save(writer, Definition, LabelRules.OneSidedRank, IsImplied);
        writer.Write7BitEncodedInt64(_firstOffset);
        _estimator.Save(writer);
        _memory.Save(writer);
    }

    public static OpenSetTask Restore(BinaryReader reader, string task, int version, ModeEstimationOptions options)
    {
        var (definition, _, _) = TaskDefinitionState.Restore(reader, task, version);
        return new OpenSetTask(
            definition,
            reader.Read7BitEncodedInt64(),
            OpenSetEstimator.Restore(reader, definition.MinLabels ?? 0),
            SampleMemory.Restore(reader, options.RememberedSamples));
    }

    private LabelMode Result(LabelModeStatus status, long offset)
    {
        var standing = _estimator.Standing();
        var isOpen = status != LabelModeStatus.Decided;
        var gap = standing.LargestLead / (double)Math.Max(1, _estimator.Counted);
        return new LabelMode(
            Definition.Task,
            status,
            standing.Leader,
            Definition.Delta,
            _estimator.Counted,
            0,
            isOpen ? 0 : Math.Max(0, Evidence.FixedDesignOfOpenSet(Definition.Delta, gap) - _estimator.Counted),
            standing.LeaderAtLeast,
            standing.RivalAtMost,
            standing.LogEValue,
            standing.PValue,
            Rule,
            Unrejected: isOpen ? [.. standing.Unrejected.Take(LabelMode.MaxUnrejected)] : null,
            UnrejectedCount: isOpen && standing.IsUnseenOut ? standing.Unrejected.Count : null,
            FirstOffset: _firstOffset,
            LastOffset: offset);
    }
}
