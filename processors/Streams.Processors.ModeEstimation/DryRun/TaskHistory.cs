using Streams.Processors.ModeEstimation.Passive;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;

namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>What a topic holds of one labelling task, in log order.</summary>
/// <param name="task">Name of the task; the records' key.</param>
/// <param name="options">Settings as live has them.</param>
public sealed class TaskHistory(string task, ModeEstimationOptions options)
{
    private readonly List<InputRecord> _samples = [];

    /// <summary>By sample record: how many different samples had a label by then.</summary>
    private readonly List<int> _labelsUpTo = [];
    private readonly SampleMemory _memory = new(options.RememberedSamples);
    private readonly LabelTable _labels = new();
    private readonly TopTwo _counts = new();

    /// <summary>Name of the task.</summary>
    public string Task => task;

    /// <summary>Definition that counts, which is the first, if no sample came before it; null: the defaults count.</summary>
    public LabelTask? Definition { get; private set; }

    /// <summary>The task asks about pairs; its answers tell no labels, so nothing of it can be simulated.</summary>
    public bool IsAboutPairs => Definition?.QueryModel == QueryModels.Pairs;

    /// <summary>Different samples that have a label: what it costs to look at all of the history.</summary>
    public int Labels => _labelsUpTo.Count == 0 ? 0 : _labelsUpTo[^1];

    /// <summary>Different samples by label, the most frequent first.</summary>
    public IReadOnlyList<LabelCount> LabelCounts =>
        [.. _labels.Texts.Select((label, number) => new LabelCount(label, _counts.Of(number))).OrderByDescending(each => each.Count).ThenBy(each => each.Label, StringComparer.Ordinal)];

    internal IReadOnlyList<InputRecord> Samples => _samples;

    /// <summary>Takes the task's next record.</summary>
    /// <exception cref="RecordFormatException">It is not valid; nothing has changed.</exception>
    public void Add(InputRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        switch (LabelCodec.KindOf(record.EventType))
        {
            case LabelRecordKind.Task:
                var definition = LabelCodec.DecodeTask(record.Payload, task);
                Definition ??= _samples.Count == 0 ? definition : null;
                break;
            case LabelRecordKind.Sample:
                AddSample(record, LabelCodec.DecodeSample(record.Payload, task));
                break;
            case LabelRecordKind.Pair or LabelRecordKind.Stop:
                break;
        }
    }

    /// <summary>Whether <paramref name="label"/> is a most frequent one of the whole history.</summary>
    public bool IsMajority(string label) => _labels.NumberOf(label) is { } number && _counts.Of(number) == _counts.First;

    /// <summary>Different samples that had a label by the time that sample record <paramref name="index"/> was in.</summary>
    internal int LabelsUpTo(int index) => _labelsUpTo[index];

    private void AddSample(InputRecord record, LabelSample sample)
    {
        _samples.Add(record);
        var isNew = _memory.LabelOf(sample.Sample) is null;
        _labelsUpTo.Add(Labels + (isNew ? 1 : 0));
        if (isNew)
        {
            // Of weights the largest stands for the sample: what a majority is made of.
            var label = _labels.GetOrAdd(sample.Label ?? sample.Weights!.MaxBy(weight => weight.Value).Key);
            _memory.Add(sample.Sample, label);
            _counts.Add(label);
        }
    }
}
