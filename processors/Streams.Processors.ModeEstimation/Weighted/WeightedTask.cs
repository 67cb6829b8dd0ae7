using System.Globalization;
using System.Text;
using Streams.Processors.ModeEstimation.Passive;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.Weighted;

/// <summary>A passive task whose samples may come with weights: which label has the largest mean weight? A whole label weighs 1.</summary>
internal sealed class WeightedTask : ISampleTask
{
    private const string Rule = $"{LabelRules.WeightedBetting}/1";
    private readonly long _firstOffset;
    private readonly LabelTable _labels;
    private readonly WeightedModeEstimator _estimator;

    /// <summary>Samples seen lately, each with a hash of what it came with in the place of a label's number.</summary>
    private readonly SampleMemory _memory;

    /// <param name="definition">What was asked for.</param>
    /// <param name="firstOffset">Offset of the record that opened it.</param>
    /// <param name="options">Settings.</param>
    public WeightedTask(LabelTask definition, long firstOffset, ModeEstimationOptions options)
        : this(definition, firstOffset, new LabelTable(), new WeightedModeEstimator(definition.Delta), new SampleMemory(options.RememberedSamples))
    {
    }

    private WeightedTask(LabelTask definition, long firstOffset, LabelTable labels, WeightedModeEstimator estimator, SampleMemory memory)
    {
        Definition = definition;
        _firstOffset = firstOffset;
        _labels = labels;
        _estimator = estimator;
        _memory = memory;
    }

    public LabelTask Definition { get; }

    public bool IsImplied => false;

    public LabelProgress Progress =>
        new(_estimator.Counted, TextOf(_estimator.Leader), (long)WeightOf(_estimator.Leader), (long)WeightOf(RunnerUpOf(_estimator.Leader)), null);

    public bool? Take(LabelSample sample)
    {
        PassiveSamples.CheckUnasked(sample);
        var weights = sample.Weights?.Where(entry => entry.Value > 0).ToList() ?? [new(sample.Label!, 1)];
        var content = ContentOf(weights);
        if (_memory.LabelOf(sample.Sample) is { } known)
        {
            return known == content;
        }

        var newcomers = weights.Where(entry => _labels.NumberOf(entry.Key) is null).Select(entry => entry.Key).ToList();
        var room = Definition.LabelBound() - _labels.Texts.Count;
        if (newcomers.Count > room)
        {
            throw LabelTable.OneTooMany(sample.Weights is null ? "data.label" : "data.weights", newcomers[room], Definition, IsImplied);
        }

        newcomers.ForEach(label => _labels.GetOrAdd(label));
        var dense = new double[_labels.Texts.Count];
        foreach (var (label, weight) in weights)
        {
            dense[_labels.GetOrAdd(label)] = weight;
        }

        _memory.Add(sample.Sample, content);
        _estimator.Add(dense);
        return null;
    }

    public IEnumerable<LabelQuery> Ask() => [];

    public IEnumerable<LabelQuery> AskAgain() => [];

    public LabelMode? Outcome(long lastOffset) =>
        _estimator.Mode is { } mode ? Result(LabelModeStatus.Decided, mode, lastOffset)
        : _estimator.Counted >= Definition.MaxLabels ? GiveUp(lastOffset)
        : null;

    public LabelMode? GiveUp(long lastOffset) => Result(LabelModeStatus.Abstain, _estimator.Leader, lastOffset);

    public void Save(BinaryWriter writer)
    {
        TaskDefinitionState.Save(writer, Definition, Definition.Rule!, IsImplied);
        writer.Write7BitEncodedInt64(_firstOffset);
        _labels.Save(writer);
        _estimator.Save(writer);
        _memory.Save(writer);
    }

    public static WeightedTask Restore(BinaryReader reader, string task, int version, ModeEstimationOptions options)
    {
        var (definition, _, _) = TaskDefinitionState.Restore(reader, task, version);
        return new WeightedTask(
            definition,
            reader.Read7BitEncodedInt64(),
            LabelTable.Restore(reader),
            WeightedModeEstimator.Restore(reader, definition.Delta),
            SampleMemory.Restore(reader, options.RememberedSamples));
    }

    /// <summary>The same number for the same weights in any order, and for a label as for its weight 1.</summary>
    private static int ContentOf(IEnumerable<KeyValuePair<string, double>> weights)
    {
        var text = new StringBuilder();
        foreach (var (label, weight) in weights.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{label.Length} {label} {weight:R} ");
        }

        return (int)(Hashing.Text(text.ToString()) & int.MaxValue);
    }

    private string? TextOf(int label) => label < 0 ? null : _labels.Texts[label];

    private double WeightOf(int label) => label < 0 ? 0 : _estimator.WeightOf(label);

    private int RunnerUpOf(int label) =>
        Enumerable.Range(0, _labels.Texts.Count).Where(other => other != label).OrderByDescending(WeightOf).FirstOrDefault(-1);

    private LabelMode Result(LabelModeStatus status, int mode, long offset)
    {
        var (first, second) = (WeightOf(mode), WeightOf(RunnerUpOf(mode)));
        var evidence = _estimator.LogEValue(mode);
        var isOpen = status != LabelModeStatus.Decided;
        var gap = Math.Max(0, first - second) / Math.Max(1, _estimator.Counted);
        var unrejected = Enumerable.Range(0, _labels.Texts.Count)
            .Where(label => !_estimator.IsRejected(label)).OrderByDescending(WeightOf).ThenBy(label => label).ToList();
        var unseen = _estimator.IsRejected(_labels.Texts.Count) ? 0 : Definition.LabelBound() - _labels.Texts.Count;
        return new LabelMode(
            Definition.Task,
            status,
            TextOf(mode),
            Definition.Delta,
            _estimator.Counted,
            0,
            isOpen ? 0 : Math.Max(0, Evidence.FixedDesign(Definition.LabelBound(), Definition.Delta, 0, 0, _estimator.Counted, gap) - _estimator.Counted),
            (long)first,
            (long)second,
            evidence,
            Evidence.PValue(1, evidence),
            Rule,
            Unrejected: isOpen ? [.. unrejected.Take(LabelMode.MaxUnrejected).Select(label => _labels.Texts[label])] : null,
            UnrejectedCount: isOpen ? unrejected.Count + unseen : null,
            FirstOffset: _firstOffset,
            LastOffset: offset,
            LeaderWeight: Evidence.Round(first),
            RunnerUpWeight: Evidence.Round(second));
    }
}
