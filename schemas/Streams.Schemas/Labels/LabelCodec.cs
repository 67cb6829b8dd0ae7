using System.Globalization;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;

namespace Streams.Schemas.Labels;

/// <summary>
/// The JSON of <see cref="LabelTask"/>, <see cref="LabelSample"/>, <see cref="LabelPair"/> and <see cref="LabelStop"/>. Decoding trusts nothing: whatever the bytes are,
/// the outcome is a valid record or a <see cref="RecordFormatException"/> that names the field, the value and the remedy.
/// Fields that this version does not know are ignored, so that a later producer can add some.
/// </summary>
public static class LabelCodec
{
    /// <summary>Longest text field, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 1024;

    /// <summary>Longest record. Text fields take a fifth of it at most; the rest is room for fields of later versions.</summary>
    public const int MaxDataBytes = 64 * 1024;

    /// <summary>Most queries that a task may have open.</summary>
    public const int MaxInFlight = 1024;

    /// <summary>Longest time after which queries are asked again: a week.</summary>
    public const int MaxReaskSeconds = 7 * 24 * 60 * 60;

    /// <summary>Most different labels of a task; each has a count in the task's state.</summary>
    public const int MaxLabelKinds = 1_000_000;

    /// <summary>Most labels with weights in one sample.</summary>
    public const int MaxWeights = 1_000;

    /// <summary>By so much may weights add up to more than 1: probabilities that were computed in single precision do.</summary>
    public const double WeightRounding = 1e-6;

    private static readonly Dictionary<string, double> EmptyWeights = [];

    /// <summary>What a record of <paramref name="eventType"/> holds. The version before and the version after this one's count as known.</summary>
    /// <exception cref="RecordFormatException">None of the known types, or too far a version.</exception>
    public static LabelRecordKind KindOf(string eventType) =>
        EventTypes.IsVersionOf(EventTypes.LabelTask, eventType) ? LabelRecordKind.Task
        : EventTypes.IsVersionOf(EventTypes.LabelSample, eventType) ? LabelRecordKind.Sample
        : EventTypes.IsVersionOf(EventTypes.LabelPair, eventType) ? LabelRecordKind.Pair
        : EventTypes.IsVersionOf(EventTypes.LabelStop, eventType) ? LabelRecordKind.Stop
        : throw new RecordFormatException(
            "ce_type",
            $"is '{LabelJson.Shorten(eventType)}'; give {EventTypes.LabelTask}, {EventTypes.LabelSample}, {EventTypes.LabelPair} or {EventTypes.LabelStop} on {Topics.LabelSamples}");

    /// <summary>Checks a record of <see cref="Topics.LabelSamples"/> without keeping it.</summary>
    /// <exception cref="RecordFormatException">The record is not valid.</exception>
    public static void Validate(string eventType, ReadOnlyMemory<byte> data, string key)
    {
        switch (KindOf(eventType))
        {
            case LabelRecordKind.Task:
                DecodeTask(data, key);
                break;
            case LabelRecordKind.Pair:
                DecodePair(data, key);
                break;
            case LabelRecordKind.Stop:
                DecodeStop(data, key);
                break;
            case LabelRecordKind.Sample when !LabelSampleScan.IsPlain(data.Span, key):
                DecodeSample(data, key);
                break;
        }
    }

    /// <summary>The definition in <paramref name="data"/>, a record keyed <paramref name="key"/>.</summary>
    /// <exception cref="RecordFormatException">The record is not valid.</exception>
    public static LabelTask DecodeTask(ReadOnlyMemory<byte> data, string key)
    {
        using var json = LabelJson.Parse(data);
        var task = new LabelTask(
            json.Text("task"),
            json.Double("delta"),
            (int?)json.Integer("labels", 2, MaxLabelKinds),
            (int?)json.Integer("pool", 1, int.MaxValue),
            (int)(json.Integer("inFlight", 1, MaxInFlight) ?? LabelTask.DefaultInFlight),
            (int?)json.Integer("maxLabels", 1, int.MaxValue),
            json.OptionalText("rule"),
            (int?)json.Integer("minLabels", 1, int.MaxValue),
            json.OptionalShare("tolerance", 1),
            json.OptionalShare("relativeTolerance", 0.5),
            json.OptionalText("queryModel"),
            (int?)json.Integer("maxQueries", 1, int.MaxValue),
            json.OptionalDouble("pairNoise"),
            json.OptionalTime("deadline"),
            (int?)json.Integer("reaskAfterSeconds", 1, MaxReaskSeconds),
            json.OptionalDouble("driftAlarm"));
        task = task with { QueryModel = task.QueryModel == QueryModels.Labels ? null : task.QueryModel };
        LabelTaskChecks.Check(task);
        CheckKey(task.Task, key);
        return task.Delta is > 0 and < 1
            ? task
            : throw new RecordFormatException(
                "data.delta",
                $"is {task.Delta.ToString(CultureInfo.InvariantCulture)}; give the accepted probability of error, above 0 and below 1, such as 0.01");
    }

    /// <summary>The sample in <paramref name="data"/>, a record keyed <paramref name="key"/>.</summary>
    /// <exception cref="RecordFormatException">The record is not valid.</exception>
    public static LabelSample DecodeSample(ReadOnlyMemory<byte> data, string key)
    {
        using var json = LabelJson.Parse(data);
        var sample = new LabelSample(
            json.Text("task"),
            json.Text("sample"),
            json.OptionalText("label"),
            json.OptionalText("oracle"),
            json.Integer("query", 0, long.MaxValue),
            json.OptionalWeights("weights", MaxWeights));
        CheckKey(sample.Task, key);
        return (sample.Label, sample.Weights) switch
        {
            (null, null) => throw LabelJson.Missing("label", "give the sample's label, or weights"),
            (not null, not null) => throw new RecordFormatException("data.weights", "is given along with label; give one of the two"),
            _ => sample,
        };
    }

    /// <summary>The answer in <paramref name="data"/>, a record keyed <paramref name="key"/>.</summary>
    /// <exception cref="RecordFormatException">The record is not valid.</exception>
    public static LabelPair DecodePair(ReadOnlyMemory<byte> data, string key)
    {
        using var json = LabelJson.Parse(data);
        var pair = new LabelPair(
            json.Text("task"),
            (int)(json.Integer("sample", 0, int.MaxValue) ?? throw LabelJson.Missing("sample", "give the number of a sample in the pool")),
            (int)(json.Integer("other", 0, int.MaxValue) ?? throw LabelJson.Missing("other", "give the number of the other sample")),
            json.Boolean("equal"),
            json.OptionalText("oracle"),
            json.Integer("query", 0, long.MaxValue));
        CheckKey(pair.Task, key);
        return pair;
    }

    /// <summary>The stop in <paramref name="data"/>, a record keyed <paramref name="key"/>.</summary>
    /// <exception cref="RecordFormatException">The record is not valid.</exception>
    public static LabelStop DecodeStop(ReadOnlyMemory<byte> data, string key)
    {
        using var json = LabelJson.Parse(data);
        var stop = new LabelStop(json.Text("task"), json.OptionalText("by"));
        CheckKey(stop.Task, key);
        return stop;
    }

    /// <summary>UTF-8 JSON of <paramref name="task"/>.</summary>
    /// <exception cref="RecordFormatException">The task breaks a rule that readers check.</exception>
    public static byte[] Encode(LabelTask task)
    {
        // JSON has no word for what is not finite.
        CheckFinite("data.delta", task.Delta, "give a number above 0 and below 1, such as 0.01");
        CheckFinite("data.pairNoise", task.PairNoise ?? 0, "give a number from 0 to below 0.5");
        CheckFinite("data.driftAlarm", task.DriftAlarm ?? 0, "give a number above 1, such as 10000, or leave it out");
        CheckFinite("data.tolerance", task.Tolerance ?? 0, "give a number above 0 and below 1, or leave it out");
        CheckFinite("data.relativeTolerance", task.RelativeTolerance ?? 0, "give a number above 0 and below 0.5, or leave it out");
        var data = ResultJson.Serialize(task);
        DecodeTask(data, task.Task);
        return data;
    }

    /// <summary>UTF-8 JSON of <paramref name="sample"/>.</summary>
    /// <exception cref="RecordFormatException">The sample breaks a rule that readers check.</exception>
    public static byte[] Encode(LabelSample sample)
    {
        foreach (var (label, weight) in sample.Weights ?? EmptyWeights)
        {
            if (!double.IsFinite(weight))
            {
                throw new RecordFormatException(
                    "data.weights", string.Create(CultureInfo.InvariantCulture, $"gives '{LabelJson.Shorten(label)}' the weight {weight}; give a number from 0 to 1"));
            }
        }

        var data = ResultJson.Serialize(sample);
        DecodeSample(data, sample.Task);
        return data;
    }

    /// <summary>UTF-8 JSON of <paramref name="pair"/>.</summary>
    /// <exception cref="RecordFormatException">The answer breaks a rule that readers check.</exception>
    public static byte[] Encode(LabelPair pair)
    {
        var data = ResultJson.Serialize(pair);
        DecodePair(data, pair.Task);
        return data;
    }

    /// <summary>UTF-8 JSON of <paramref name="stop"/>.</summary>
    /// <exception cref="RecordFormatException">The stop breaks a rule that readers check.</exception>
    public static byte[] Encode(LabelStop stop)
    {
        var data = ResultJson.Serialize(stop);
        DecodeStop(data, stop.Task);
        return data;
    }

    private static void CheckFinite(string field, double value, string remedy)
    {
        if (!double.IsFinite(value))
        {
            throw new RecordFormatException(field, $"is {value.ToString(CultureInfo.InvariantCulture)}; {remedy}");
        }
    }

    private static void CheckKey(string task, string key)
    {
        if (task != key)
        {
            throw new RecordFormatException(
                "data.task",
                $"is '{LabelJson.Shorten(task)}' but the record's key is '{LabelJson.Shorten(key)}'; use the task as the key, it decides the partition");
        }
    }
}
