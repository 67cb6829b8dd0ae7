using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Ingest.Decoding;

/// <summary>What every decoder needs of a record: its attributes, headers and value.</summary>
internal static class RecordEnvelope
{
    private const string CloudEventsPrefix = "ce_";

    /// <summary>
    /// The record's attributes. A producer that writes no CloudEvents header at all (kcat, say) is understood: the event is of
    /// <paramref name="defaultType"/> at the record's Kafka timestamp. One that writes some must write all that are required.
    /// </summary>
    /// <exception cref="RecordFormatException">A required attribute is missing or malformed.</exception>
    public static EventEnvelope Read(ConsumeResult<byte[]?, byte[]?> record, string defaultType) =>
        record.Message.Headers is { } headers && headers.Any(header => header.Key.StartsWith(CloudEventsPrefix, StringComparison.Ordinal))
            ? EventEnvelope.FromHeaders(Header(record))
            : new EventEnvelope(
                $"{record.Topic}/{record.Partition.Value}/{record.Offset.Value}",
                $"/kafka/{record.Topic}",
                defaultType,
                Published(record));

    /// <summary>The broker's timestamp.</summary>
    public static DateTimeOffset Published(ConsumeResult<byte[]?, byte[]?> record) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(0, record.Message.Timestamp.UnixTimestampMs));

    /// <summary>Looks headers up by name; of several with one name the last counts.</summary>
    public static Func<string, byte[]?> Header(ConsumeResult<byte[]?, byte[]?> record) =>
        name => record.Message.Headers is { } headers && headers.TryGetLastBytes(name, out var bytes) ? bytes : null;

    /// <summary>The value, which must not be empty nor larger than a topic takes.</summary>
    /// <exception cref="RecordFormatException">It is.</exception>
    public static ReadOnlyMemory<byte> Value(ConsumeResult<byte[]?, byte[]?> record) => record.Message.Value switch
    {
        null or { Length: 0 } => throw new RecordFormatException("value", "is empty; write the payload as the record's value"),
        { Length: > KafkaClients.MaxValueBytes } value => throw new RecordFormatException("value", $"has {value.Length} bytes; at most {KafkaClients.MaxValueBytes} are allowed"),
        var value => value,
    };

    /// <summary>The error for an event type that a topic does not take.</summary>
    public static RecordFormatException WrongType(string type, string topic, params string[] known) =>
        new(Headers.Type, $"is '{(type.Length <= 64 ? type : type[..64] + "…")}'; on {topic} write {string.Join(" or ", known)}");
}
