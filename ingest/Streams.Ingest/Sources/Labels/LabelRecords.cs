using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.Ingest.Sources.Labels;

/// <summary>Makes records of labelling tasks, of samples and of answers.</summary>
public static class LabelRecords
{
    /// <summary>The record that opens a task. Its id is the task's: a repeated definition is recognised.</summary>
    /// <exception cref="RecordFormatException">The task breaks a rule.</exception>
    public static SourceRecord Task(LabelTask task, DateTimeOffset time) =>
        Create(task.Task, $"{task.Task}/task", EventTypes.LabelTask, time, LabelCodec.Encode(task));

    /// <summary>The record of a sample or of an answer.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="id">Unique within the task, such as the file and its line, or the query that is answered.</param>
    /// <param name="time">When the label was given.</param>
    /// <exception cref="RecordFormatException">The sample breaks a rule.</exception>
    public static SourceRecord Sample(LabelSample sample, string id, DateTimeOffset time) =>
        Create(sample.Task, $"{sample.Task}/{id}", EventTypes.LabelSample, time, LabelCodec.Encode(sample));

    /// <summary>The record of an answer about a pair of samples.</summary>
    /// <param name="pair">The answer.</param>
    /// <param name="id">Unique within the task, such as the query that is answered.</param>
    /// <param name="time">When the answer was given.</param>
    /// <exception cref="RecordFormatException">The answer breaks a rule.</exception>
    public static SourceRecord Pair(LabelPair pair, string id, DateTimeOffset time) =>
        Create(pair.Task, $"{pair.Task}/{id}", EventTypes.LabelPair, time, LabelCodec.Encode(pair));

    /// <summary>The record that ends a task. Its id is the task's: a repeated stop is recognised.</summary>
    /// <param name="stop">Which task, and who ends it.</param>
    /// <param name="time">When.</param>
    /// <exception cref="RecordFormatException">The stop breaks a rule.</exception>
    public static SourceRecord Stop(LabelStop stop, DateTimeOffset time) =>
        Create(stop.Task, $"{stop.Task}/stop", EventTypes.LabelStop, time, LabelCodec.Encode(stop));

    private static SourceRecord Create(string task, string id, string type, DateTimeOffset time, byte[] value) => new(
        Topics.LabelSamples,
        task,
        new EventEnvelope(id, $"/tasks/{Uri.EscapeDataString(task)}", type, time, ContentType: "application/json"),
        [],
        value);
}
