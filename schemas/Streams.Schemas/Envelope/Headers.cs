namespace Streams.Schemas.Envelope;

/// <summary>Header names: CloudEvents 1.0 Kafka protocol binding, binary mode, and the few of our own.</summary>
public static class Headers
{
    /// <summary>CloudEvents version, "1.0".</summary>
    public const string SpecVersion = "ce_specversion";

    /// <summary>CloudEvents id.</summary>
    public const string Id = "ce_id";

    /// <summary>CloudEvents source, a URI reference.</summary>
    public const string Source = "ce_source";

    /// <summary>CloudEvents type, one of <see cref="EventTypes"/>.</summary>
    public const string Type = "ce_type";

    /// <summary>CloudEvents time, RFC 3339: the event time.</summary>
    public const string Time = "ce_time";

    /// <summary>CloudEvents subject.</summary>
    public const string Subject = "ce_subject";

    /// <summary>CloudEvents dataschema.</summary>
    public const string DataSchema = "ce_dataschema";

    /// <summary>Media type of the value.</summary>
    public const string ContentType = "content-type";

    /// <summary>W3C trace context.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>The run that made a result (CloudEvents extension attribute).</summary>
    public const string Run = "ce_run";

    /// <summary>Results: broker timestamp of the record that caused it, milliseconds since 1970 (CloudEvents extension attribute).</summary>
    public const string SourceTimestamp = "ce_sourcetimestamp";

    /// <summary>Frames: codec of the payload, <c>jpeg</c>, <c>h264</c> or <c>h265</c>.</summary>
    public const string Codec = "codec";

    /// <summary>Frames: pixels in a row.</summary>
    public const string Width = "width";

    /// <summary>Frames: rows.</summary>
    public const string Height = "height";

    /// <summary>Frames: number of the record within its source, from 0.</summary>
    public const string Sequence = "sequence";

    /// <summary>Frames: frames in the payload; 1 for a JPEG.</summary>
    public const string FrameCount = "frame-count";

    /// <summary>Frames: frames per second of a segment, to time the frames after the first.</summary>
    public const string FrameRate = "frame-rate";

    /// <summary>Tasks whose samples are clips of a camera: which ones, JSON. Written by the oracle, read by the oracle that goes on after it.</summary>
    public const string ClipPool = "clip-pool";

    /// <summary>Dead letters: topic that the record came from.</summary>
    public const string OriginTopic = "dlt-origin-topic";

    /// <summary>Dead letters: partition that the record came from.</summary>
    public const string OriginPartition = "dlt-origin-partition";

    /// <summary>Dead letters: offset that the record came from.</summary>
    public const string OriginOffset = "dlt-origin-offset";

    /// <summary>Dead letters: broker timestamp of the record, milliseconds since 1970.</summary>
    public const string OriginTimestamp = "dlt-origin-timestamp";

    /// <summary>Dead letters of a record that had been sent again: where it lay when it was refused for the first time.</summary>
    public const string FirstOrigin = "dlt-first-origin";

    /// <summary>Dead letters: when the record was given up, milliseconds since 1970. Markers: when the letter was done.</summary>
    public const string DeadLetterTime = "dlt-time";

    /// <summary>Dead letters: how often the record was tried.</summary>
    public const string Attempts = "dlt-attempts";

    /// <summary>Dead letters: why, at most 8 KB of UTF-8.</summary>
    public const string Reason = "dlt-reason";

    /// <summary>Dead letters: type of the error.</summary>
    public const string Exception = "dlt-exception";

    /// <summary>Dead letters: the run that refused it.</summary>
    public const string DeadLetterRun = "dlt-run";

    /// <summary>Dead letters that had to be cut to fit a record: the length of the record's value, in bytes.</summary>
    public const string TruncatedFrom = "dlt-truncated-from";

    /// <summary>Markers on a dead-letter topic: what became of a letter, <c>redriven</c> or <c>purged</c>.</summary>
    public const string DeadLetterStatus = "dlt-status";

    /// <summary>Source records that come from a dead letter: <c>TOPIC/PARTITION/OFFSET</c> where they lay before. One header each time, the oldest first.</summary>
    public const string RedrivenFrom = "redriven-from";
}
