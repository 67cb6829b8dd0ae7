using System.Collections.Concurrent;
using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Ingest.Decoding;

/// <summary>What every decoder needs of a record: its attributes, headers and value.</summary>
internal static class RecordEnvelope
{
    private const string CloudEventsPrefix = "ce_";

    // Sources of records without headers, by topic: one text for all of them.
    private static readonly ConcurrentDictionary<string, string> Sources = new();

    /// <summary>
    /// The record's attributes. A producer that writes no CloudEvents header at all (kcat, say) is understood: the event is of
    /// <paramref name="defaultType"/> at the record's Kafka timestamp. One that writes some must write all that are required.
    /// </summary>
    /// <exception cref="RecordFormatException">A required attribute is missing or malformed.</exception>
    public static RecordAttributes Read(ConsumeResult<byte[]?, byte[]?> record, string defaultType)
    {
        if (!HasCloudEvent(record.Message.Headers))
        {
            return new RecordAttributes(defaultType, Published(record), Sources.GetOrAdd(record.Topic, topic => $"/kafka/{topic}"));
        }

        var envelope = EventEnvelope.FromHeaders(Header(record));
        return new RecordAttributes(envelope.Type, envelope.Time, envelope.Source, envelope.Subject);
    }

    private static bool HasCloudEvent(Confluent.Kafka.Headers? headers)
    {
        for (var i = 0; i < headers?.Count; i++)
        {
            if (headers[i].Key.StartsWith(CloudEventsPrefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

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
