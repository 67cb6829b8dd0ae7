namespace Streams.Ingest.Decoding;

/// <summary>What decoders need of a record's CloudEvents attributes.</summary>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Time">Event time.</param>
/// <param name="Source">Who made it, a URI reference.</param>
/// <param name="Subject">What it is about; null when the key says all.</param>
internal readonly record struct RecordAttributes(string Type, DateTimeOffset Time, string Source, string? Subject = null);
