using Confluent.Kafka;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.DeadLetters;

/// <summary>A dead letter without its value, and what became of it. Repetitions of a letter are one entry.</summary>
/// <param name="Letter">What its headers say.</param>
/// <param name="Key">The record's key; null without one.</param>
/// <param name="ValueBytes">Length of the letter's value; null when the record had none.</param>
/// <param name="TruncatedFrom">Length of the record's value where the letter holds a part of it only; else null.</param>
/// <param name="Position">Where the first of its repetitions lies.</param>
public sealed record DeadLetterEntry(DeadLetter Letter, byte[]? Key, int? ValueBytes, long? TruncatedFrom, TopicPartitionOffset Position)
{
    /// <summary>Where the last of its repetitions lies.</summary>
    public TopicPartitionOffset LastPosition { get; internal set; } = Position;

    /// <summary>How often the letter was written: more than once after a crash.</summary>
    public int Copies { get; internal set; } = 1;

    /// <summary>What became of it.</summary>
    public DeadLetterStatus Status { get; internal set; }

    /// <summary>When it was done; null while it is pending.</summary>
    public DateTimeOffset? DoneAt { get; internal set; }

    /// <summary>What makes letters one. The timestamp tells the records of a topic apart that was deleted and created again.</summary>
    internal LetterId Id => new(Letter.Run, Letter.Origin, Letter.Timestamp.ToUnixTimeMilliseconds());
}

/// <summary>Identity of a letter over its repetitions.</summary>
/// <param name="Run">The run.</param>
/// <param name="Origin">Where the record lies.</param>
/// <param name="Timestamp">The record's timestamp, milliseconds since 1970.</param>
internal readonly record struct LetterId(string Run, RecordOrigin Origin, long Timestamp);
