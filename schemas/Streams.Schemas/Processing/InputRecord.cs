namespace Streams.Schemas.Processing;

/// <summary>
/// One validated source record as a processor sees it. The payload is the decoded-and-checked form of its topic:
/// <c>video.frames</c>: <see cref="Frames.RgbFrameCodec"/> bytes; <c>sensor.signals</c>: the Arrow IPC stream;
/// <c>label.samples</c>: the JSON of the type that <paramref name="EventType"/> names.
/// </summary>
/// <param name="Partition">Source partition.</param>
/// <param name="Offset">Source offset.</param>
/// <param name="EventTime">When it happened, from the record (never the wall clock).</param>
/// <param name="EventType">CloudEvents type, one of <see cref="Envelope.EventTypes"/>.</param>
/// <param name="Payload">Bytes as said above.</param>
/// <param name="Published">The broker's timestamp of the record. For latency figures only: a processor must not look at it.</param>
/// <param name="Source">Who sent it (CloudEvents source), to tell apart how far each has come in event time; empty: the topic has one source.</param>
/// <param name="Subject">What it is about (CloudEvents subject); null when the key says all. A processor must not look at it.</param>
public sealed record InputRecord(
    int Partition,
    long Offset,
    DateTimeOffset EventTime,
    string EventType,
    ReadOnlyMemory<byte> Payload,
    DateTimeOffset Published = default,
    string Source = "",
    string? Subject = null);
