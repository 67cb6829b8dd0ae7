using Streams.Processors.ModeEstimation.Passive;
using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.Drift;

/// <summary>A passive task whose mode was named, and whose further samples are watched for another one. At an alarm it opens again as the next epoch.</summary>
internal sealed class WatchedTask : ISampleTask
{
    private const string Detector = "e-detector/1";
    private readonly ModeEstimationOptions _options;
    private readonly string _rule;
    private readonly int _epoch;
    private readonly long _firstOffset;
    private readonly LabelTable _labels;
    private readonly PassiveSamples _samples;
    private readonly ModeDriftDetector _detector;
    private bool _hasAlarm;

    /// <param name="definition">The task, with an alarm.</param>
    /// <param name="rule">The rule in force.</param>
    /// <param name="epoch">The epoch that was decided, from 1.</param>
    /// <param name="firstOffset">Offset of the record that decided it.</param>
    /// <param name="options">Settings.</param>
    /// <param name="labels">Labels seen so far.</param>
    /// <param name="memory">Samples seen lately: a repeat is as little an independent draw as before.</param>
    /// <param name="detector">Watches the label that was named.</param>
    public WatchedTask(
        LabelTask definition, string rule, int epoch, long firstOffset, ModeEstimationOptions options, LabelTable labels, SampleMemory memory, ModeDriftDetector detector)
    {
        Definition = definition;
        _rule = rule;
        _epoch = epoch;
        _firstOffset = firstOffset;
        _options = options;
        _labels = labels;
        _samples = new PassiveSamples(definition, isImplied: false, labels, memory);
        _detector = detector;
    }

    public LabelTask Definition { get; }

    public bool IsImplied => false;

    public LabelProgress Progress => new(_detector.Seen, _labels.Texts[_detector.Watched], _detector.SeenWatched, _detector.SeenRivals, null);

    public bool? Take(LabelSample sample)
    {
        if (_samples.Take(sample, out var label) is { } known)
        {
            return known == sample.Label;
        }

        _hasAlarm = _detector.Add(label);
        return null;
    }

    public IEnumerable<LabelQuery> Ask() => [];

    public IEnumerable<LabelQuery> AskAgain() => [];

    public LabelMode? Outcome(long lastOffset) => !_hasAlarm ? null : new LabelMode(
        Definition.Task,
        LabelModeStatus.Reopened,
        _labels.Texts[_detector.Watched],
        Definition.Delta,
        _detector.Seen,
        0,
        0,
        _detector.SeenWatched,
        _detector.SeenRivals,
        Evidence.Round(Math.Log(_detector.Evidence)),
        1,
        Detector,
        FirstOffset: _firstOffset,
        LastOffset: lastOffset,
        Epoch: _epoch == 1 ? null : _epoch);

    /// <summary>Null: the mode that was named stands.</summary>
    public LabelMode? GiveUp(long lastOffset) => null;

    /// <summary>
    /// The next epoch, with nothing counted: the labels until the alarm were chosen by it, those after it are independent of it. The labels' names and the
    /// samples seen are kept.
    /// </summary>
    public IOpenTask Next(LabelMode outcome) => OpenTask.Reopen(Definition, _rule, _epoch + 1, outcome.LastOffset!.Value, _options, _labels, _samples.Memory);

    public void Save(BinaryWriter writer)
    {
        TaskDefinitionState.Save(writer, Definition, _rule, IsImplied);
        writer.Write7BitEncodedInt(_epoch);
        writer.Write7BitEncodedInt64(_firstOffset);
        _labels.Save(writer);
        _detector.Save(writer);
        _samples.Memory.Save(writer);
    }

    public static WatchedTask Restore(BinaryReader reader, string task, int version, ModeEstimationOptions options)
    {
        var (definition, rule, _) = TaskDefinitionState.Restore(reader, task, version);
        var (epoch, firstOffset) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64());
        var labels = LabelTable.Restore(reader);
        var detector = ModeDriftDetector.Restore(reader);
        return detector.Watched < labels.Texts.Count
            ? new WatchedTask(definition, rule, epoch, firstOffset, options, labels, SampleMemory.Restore(reader, options.RememberedSamples), detector)
            : throw new InvalidDataException($"label {detector.Watched} is watched, but there are {labels.Texts.Count}");
    }
}
