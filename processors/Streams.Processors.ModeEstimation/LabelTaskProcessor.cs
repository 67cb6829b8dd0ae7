using System.Text;
using Streams.Processors.ModeEstimation.Drift;
using Streams.Processors.ModeEstimation.Pairs;
using Streams.Processors.ModeEstimation.Scale;
using Streams.Processors.ModeEstimation.Weighted;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation;

/// <summary>
/// One labelling task. Active, when its definition names a pool: it asks for labels, or for comparisons, on <see cref="Topics.LabelQueries"/>, counts the
/// answers and, once sure of the mode, says so on <see cref="Topics.LabelModes"/> and tells the oracles to stop, in the same turn.
/// Passive otherwise: it counts what arrives. After the end a tombstone remains, so that late samples cannot decide again; a task with a drift alarm
/// has no end but goes on watching, and may open again.
/// </summary>
public sealed class LabelTaskProcessor : IRecordProcessor
{
    /// <summary>
    /// Version 2 states the rule in force, the tolerance and the first offset; version 3 the epoch, the optional fields of the definition, and of a
    /// task that has ended which definition it had; version 4 knows definitions without a number of labels. All are read.
    /// </summary>
    private const byte StateVersion = 4;
    private const byte OldestStateVersion = 1;
    private readonly string _key;
    private readonly ModeEstimationOptions _options;
    private IOpenTask? _open;

    /// <summary>How the task ended, in words, for those who come late; null before.</summary>
    private string? _ending;

    /// <summary>Of the definition of a task that has ended; null while it is open, or when it ended before this was kept.</summary>
    private ulong? _fingerprint;

    internal LabelTaskProcessor(string key, ModeEstimationOptions options)
    {
        _key = key;
        _options = options;
    }

    private enum Phase : byte
    {
        Undefined,
        Open,
        Ended,
        OpenPairs,
        Watched,
        Weighted,
        OpenSet,
    }

    private Phase Now => _ending is not null ? Phase.Ended : _open switch
    {
        null => Phase.Undefined,
        PairTask => Phase.OpenPairs,
        WatchedTask => Phase.Watched,
        WeightedTask => Phase.Weighted,
        OpenSetTask => Phase.OpenSet,
        _ => Phase.Open,
    };

    /// <summary>What is under way; null before the first record and after the end.</summary>
    internal IOpenTask? Open => _open;

    /// <summary>Samples that were not counted.</summary>
    public LabelTaskStatistics Statistics { get; private set; }

    /// <inheritdoc />
    public ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken)
    {
        // Looked at once: half a batch must not be applied.
        cancellationToken.ThrowIfCancellationRequested();
        var results = new List<ResultDraft>();
        var rejections = new List<Rejection>();
        foreach (var record in records)
        {
            try
            {
                Apply(record, results);
            }
            catch (RecordFormatException e)
            {
                rejections.Add(new Rejection(record.Partition, record.Offset, e.Message));
            }
        }

        return new(results.Count + rejections.Count == 0 ? ProcessorOutput.Empty : new ProcessorOutput(results, rejections));
    }

    /// <inheritdoc />
    public byte[] SaveState()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8))
        {
            writer.Write(StateVersion);
            writer.Write((byte)Now);
            writer.Write7BitEncodedInt64(Statistics.Duplicates);
            writer.Write7BitEncodedInt64(Statistics.Contradictions);
            writer.Write7BitEncodedInt64(Statistics.Late);
            if (_ending is not null)
            {
                writer.Write(_ending);
                writer.Write(_fingerprint is not null);
                if (_fingerprint is { } fingerprint)
                {
                    writer.Write(fingerprint);
                }
            }

            _open?.Save(writer);
        }

        return stream.ToArray();
    }

    internal static LabelTaskProcessor Restore(string key, byte[] state, ModeEstimationOptions options)
    {
        if (state.Length == 0 || state[0] is < OldestStateVersion or > StateVersion)
        {
            throw new StateFormatException(
                $"state of labelling task '{key}' has version {(state.Length == 0 ? "none" : state[0])}; this program reads versions {OldestStateVersion} to {StateVersion}");
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(state, 1, state.Length - 1), new UTF8Encoding(false, throwOnInvalidBytes: true));
            var phase = (Phase)reader.ReadByte();
            var processor = new LabelTaskProcessor(key, options)
            {
                Statistics = new(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()),
            };
            if (phase == Phase.Ended)
            {
                processor._ending = reader.ReadString();
                processor._fingerprint = state[0] > 2 && reader.ReadBoolean() ? reader.ReadUInt64() : null;
            }

            processor._open = phase switch
            {
                Phase.Open => OpenTask.Restore(reader, key, state[0], options),
                Phase.OpenPairs => PairTask.Restore(reader, key, state[0], options),
                Phase.Watched => WatchedTask.Restore(reader, key, state[0], options),
                Phase.Weighted => WeightedTask.Restore(reader, key, state[0], options),
                Phase.OpenSet => OpenSetTask.Restore(reader, key, state[0], options),
                _ => null,
            };
            return phase <= Phase.OpenSet && reader.BaseStream.Position == reader.BaseStream.Length
                ? processor
                : throw new InvalidDataException($"phase {phase}, {reader.BaseStream.Length - reader.BaseStream.Position} bytes left over");
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or InvalidDataException)
        {
            throw new StateFormatException($"state of labelling task '{key}' is damaged ({state.Length} bytes of version {state[0]}): {e.Message}");
        }
    }

    private void Apply(InputRecord record, List<ResultDraft> results)
    {
        var kind = LabelCodec.KindOf(record.EventType);
        var hasChanged = kind switch
        {
            LabelRecordKind.Task => Define(LabelCodec.DecodeTask(record.Payload, _key), record, results),
            LabelRecordKind.Pair => Take(LabelCodec.DecodePair(record.Payload, _key), record),
            LabelRecordKind.Stop => IsStopped(LabelCodec.DecodeStop(record.Payload, _key)),
            _ => Take(LabelCodec.DecodeSample(record.Payload, _key), record),
        };
        if (hasChanged)
        {
            Conclude(record, results, kind == LabelRecordKind.Stop || IsDue(record));
        }
    }

    /// <summary>Whether <paramref name="record"/> is what ends the task at its deadline. Event times alone say so: a replay ends it at the same record.</summary>
    private bool IsDue(InputRecord record) => _open?.Definition.Deadline <= record.EventTime;

    /// <returns>Whether the task may go on or end by it.</returns>
    private bool Define(LabelTask definition, InputRecord record, List<ResultDraft> results)
    {
        if (_ending is not null)
        {
            // A repetition may have been under way when the task ended.
            return _fingerprint == TaskDefinitionState.Fingerprint(definition)
                ? false
                : throw new RecordFormatException("data.task", $"'{_key}' has ended ({_ending}); give a new task another name");
        }

        if (_open is null)
        {
            _open = definition.QueryModel == QueryModels.Pairs
                ? new PairTask(definition, record.Offset, _options)
                : definition.Rule == LabelRules.WeightedBetting ? new WeightedTask(definition, record.Offset, _options)
                : definition.IsOpenSet() ? new OpenSetTask(definition, record.Offset, _options)
                : new OpenTask(definition, isImplied: false, record.Offset, _options);
            return true;
        }

        if (_open.Definition != definition)
        {
            throw new RecordFormatException(
                "data.task",
                _open.IsImplied
                    ? $"'{_key}' is under way with the defaults (delta {_options.DefaultDelta}, labels {_options.DefaultLabels}) because samples came before its definition; send the definition first, under another name"
                    : $"'{_key}' is under way with another definition; give a new task another name");
        }

        if (!IsDue(record))
        {
            results.AddRange(_open.AskAgain().Select(query => Draft(record, Topics.LabelQueries, EventTypes.LabelQuery, query)));
        }

        return true;
    }

    /// <returns>Whether there is a task to end. One that has ended already stays as it is.</returns>
    private bool IsStopped(LabelStop stop) => _open is not null || (_ending is not null
        ? false
        : throw new RecordFormatException("data.task", $"is '{LabelTable.Shown(stop.Task)}', which was never opened; stop a task that is under way"));

    /// <summary>Counts what comes too late.</summary>
    /// <returns>Whether the record came after the end, or is what brings it.</returns>
    private bool IsLate(InputRecord record)
    {
        var isLate = _ending is not null || IsDue(record);
        Statistics = Statistics with { Late = Statistics.Late + (isLate ? 1 : 0) };
        return isLate;
    }

    /// <returns>Whether the task may go on or end by it.</returns>
    private bool Take(LabelSample sample, InputRecord record)
    {
        if (IsLate(record))
        {
            return _ending is null;
        }

        if (_open is PairTask)
        {
            throw new RecordFormatException("ce_type", $"is {EventTypes.LabelSample}, but the task asks about pairs; answer with {EventTypes.LabelPair}");
        }

        if (sample.Weights is not null && _open is not WeightedTask)
        {
            throw new RecordFormatException(
                "data.weights",
                _open is null
                    ? $"is given, but the task has no definition and takes labels; define it first, with rule {LabelRules.WeightedBetting}"
                    : $"is given, but the task takes labels; give a label, or define a task with rule {LabelRules.WeightedBetting}");
        }

        // Kept only if the sample proves acceptable: what is refused must leave no trace.
        var task = (ISampleTask?)_open ?? new OpenTask(new LabelTask(_key, _options.DefaultDelta, _options.DefaultLabels), isImplied: true, record.Offset, _options);
        var repeated = task.Take(sample);
        _open = task;
        return IsNew(repeated);
    }

    /// <returns>Whether the task may go on or end by it.</returns>
    private bool Take(LabelPair answer, InputRecord record)
    {
        if (IsLate(record))
        {
            return _ending is null;
        }

        if (_open is not PairTask task)
        {
            throw new RecordFormatException(
                "ce_type", $"is {EventTypes.LabelPair}, but the task asks about no pairs; define it first, with queryModel {QueryModels.Pairs}");
        }

        return IsNew(task.Take(answer));
    }

    /// <summary>Counts what came before.</summary>
    /// <param name="repeated">Null when it did not; else whether it says the same.</param>
    private bool IsNew(bool? repeated)
    {
        if (repeated is { } agrees)
        {
            Statistics = Statistics with
            {
                Duplicates = Statistics.Duplicates + 1,
                Contradictions = Statistics.Contradictions + (agrees ? 0 : 1),
            };
        }

        return repeated is null;
    }

    /// <param name="record">The record that was taken last.</param>
    /// <param name="results">Where what comes of it goes.</param>
    /// <param name="isDue">The task ends here, at its deadline or because it is stopped: nothing but giving up is left.</param>
    private void Conclude(InputRecord record, List<ResultDraft> results, bool isDue)
    {
        var task = _open!;
        var outcome = isDue ? task.GiveUp(record.Offset) : task.Outcome(record.Offset);
        if (outcome is null && !isDue)
        {
            results.AddRange(task.Ask().Select(query => Draft(record, Topics.LabelQueries, EventTypes.LabelQuery, query)));
            return;
        }

        if (outcome is not null)
        {
            results.Add(Draft(record, Topics.LabelModes, EventTypes.LabelMode, outcome));
        }

        _open = outcome is null || isDue ? null : task.Next(outcome);
        if (_open is not null)
        {
            // Not the end: samples are wanted still, and nobody is told to stop.
            return;
        }

        results.Add(Draft(record, Topics.LabelQueries, EventTypes.LabelQuery, new LabelQuery(_key, LabelQueryKind.Stop, null, null, task.Progress)));
        _ending = outcome?.Status switch
        {
            null => $"decided '{task.Progress.Leader}' and watched it until {(task.Definition.Deadline <= record.EventTime ? "the deadline" : "it was stopped")}",
            LabelModeStatus.Decided => outcome.ModeSample is { } sample ? $"decided that of sample {sample}" : $"decided '{outcome.Mode}'",
            LabelModeStatus.EpsMode => $"decided '{outcome.Mode}' within its tolerance",
            _ => "abstained",
        };
        _fingerprint = TaskDefinitionState.Fingerprint(task.Definition);
    }

    private static ResultDraft Draft<T>(InputRecord record, string topic, string type, T data) =>
        new(record.Partition, record.Offset, topic, type, record.EventTime, ResultJson.Serialize(data));
}
