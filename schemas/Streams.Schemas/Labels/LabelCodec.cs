using System.Globalization;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;

namespace Streams.Schemas.Labels;

/// <summary>
/// The JSON of <see cref="LabelTask"/> and <see cref="LabelSample"/>. Decoding trusts nothing: whatever the bytes are,
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

    /// <summary>Most different labels of a task; each has a count in the task's state.</summary>
    public const int MaxLabelKinds = 1_000_000;

    /// <summary>What a record of <paramref name="eventType"/> holds. The version before and the version after this one's count as known.</summary>
    /// <exception cref="RecordFormatException">Neither a task nor a sample, or too far a version.</exception>
    public static LabelRecordKind KindOf(string eventType) =>
        EventTypes.IsVersionOf(EventTypes.LabelTask, eventType) ? LabelRecordKind.Task
        : EventTypes.IsVersionOf(EventTypes.LabelSample, eventType) ? LabelRecordKind.Sample
        : throw new RecordFormatException(
            "ce_type",
            $"is '{LabelJson.Shorten(eventType)}'; give {EventTypes.LabelTask} or {EventTypes.LabelSample} on {Topics.LabelSamples}");

    /// <summary>Checks a record of <see cref="Topics.LabelSamples"/> without keeping it.</summary>
    /// <exception cref="RecordFormatException">The record is not valid.</exception>
    public static void Validate(string eventType, ReadOnlyMemory<byte> data, string key)
    {
        if (KindOf(eventType) == LabelRecordKind.Task)
        {
            DecodeTask(data, key);
        }
        else
        {
            DecodeSample(data, key);
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
            (int)(json.Integer("labels", 2, MaxLabelKinds) ?? throw LabelJson.Missing("labels", "give the number of different labels, 2 or more")),
            (int?)json.Integer("pool", 1, int.MaxValue),
            (int)(json.Integer("inFlight", 1, MaxInFlight) ?? LabelTask.DefaultInFlight),
            (int?)json.Integer("maxLabels", 1, int.MaxValue),
            json.OptionalText("rule"),
            (int?)json.Integer("minLabels", 1, int.MaxValue),
            json.OptionalShare("tolerance", 1),
            json.OptionalShare("relativeTolerance", 0.5));
        if (task.MinLabels > task.MaxLabels)
        {
            throw new RecordFormatException("data.minLabels", $"is {task.MinLabels}, above maxLabels {task.MaxLabels}; give no more than that");
        }

        if (task.Tolerance is not null && task.RelativeTolerance is not null)
        {
            throw new RecordFormatException("data.relativeTolerance", "is given along with tolerance; give one of the two");
        }

        if (task.Rule is not null && !LabelRules.All.Contains(task.Rule))
        {
            throw new RecordFormatException("data.rule", $"is '{LabelJson.Shorten(task.Rule)}'; give one of {string.Join(", ", LabelRules.All)}, or leave it out");
        }

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
            json.Text("label"),
            json.OptionalText("oracle"),
            json.Integer("query", 0, long.MaxValue));
        CheckKey(sample.Task, key);
        return sample;
    }

    /// <summary>UTF-8 JSON of <paramref name="task"/>.</summary>
    /// <exception cref="RecordFormatException">The task breaks a rule that readers check.</exception>
    public static byte[] Encode(LabelTask task)
    {
        if (!double.IsFinite(task.Delta))
        {
            throw new RecordFormatException("data.delta", $"is {task.Delta.ToString(CultureInfo.InvariantCulture)}; give a number above 0 and below 1, such as 0.01");
        }

        // JSON has no word for what is not finite.
        CheckFinite("tolerance", task.Tolerance);
        CheckFinite("relativeTolerance", task.RelativeTolerance);
        var data = ResultJson.Serialize(task);
        DecodeTask(data, task.Task);
        return data;
    }

    /// <summary>UTF-8 JSON of <paramref name="sample"/>.</summary>
    /// <exception cref="RecordFormatException">The sample breaks a rule that readers check.</exception>
    public static byte[] Encode(LabelSample sample)
    {
        var data = ResultJson.Serialize(sample);
        DecodeSample(data, sample.Task);
        return data;
    }

    private static void CheckFinite(string name, double? value)
    {
        if (value is { } number && !double.IsFinite(number))
        {
            throw new RecordFormatException($"data.{name}", $"is {number.ToString(CultureInfo.InvariantCulture)}; give a number above 0 and below 1, or leave it out");
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
