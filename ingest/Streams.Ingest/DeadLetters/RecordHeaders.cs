using System.Text;
using Streams.Schemas.Envelope;
using Names = Streams.Schemas.Envelope.Headers;

namespace Streams.Ingest.DeadLetters;

/// <summary>What of a record's headers goes into its dead letter, and out of it again.</summary>
internal static class RecordHeaders
{
    private const string DeadLetterPrefix = "dlt-";

    /// <summary>
    /// The record's own headers, as they were and in their order. Those of dead letters are not among them: one that a producer wrote could
    /// pass a letter off as done.
    /// </summary>
    public static List<KeyValuePair<string, byte[]>> Own(Confluent.Kafka.Headers? headers) =>
    [
        .. (headers ?? []).Where(header => !header.Key.StartsWith(DeadLetterPrefix, StringComparison.Ordinal))
            .Select(header => KeyValuePair.Create(header.Key, header.GetValueBytes())),
    ];

    /// <summary>Where a record that has been sent again lay at first; null for any other.</summary>
    public static RecordOrigin? FirstOrigin(IEnumerable<KeyValuePair<string, byte[]>> headers) =>
        headers.FirstOrDefault(header => header.Key == Names.RedrivenFrom) is { Value: { } first } ? RecordOrigin.Parse(Encoding.UTF8.GetString(first)) : null;

    /// <summary>A header's value by its name, the last one that has it.</summary>
    public static Func<string, byte[]?> Find(Confluent.Kafka.Headers? headers) =>
        name => headers is not null && headers.TryGetLastBytes(name, out var bytes) ? bytes : null;
}
