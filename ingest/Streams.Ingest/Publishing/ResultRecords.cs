using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Ingest.Publishing;

/// <summary>Results as records: the data is the value, the rest travels in headers.</summary>
internal static class ResultRecords
{
    public static Task PublishAsync(this RecordPublisher publisher, ResultMessage result, CancellationToken ct) =>
        publisher.PublishAsync(Topic(result), result.Key, Envelope(result), result.Data, Extensions(result), ct);

    public static string Topic(ResultMessage result) => Topics.ForRun(result.Run, result.Topic);

    /// <summary>The record as a producer takes it.</summary>
    public static Message<byte[]?, byte[]?> Message(ResultMessage result)
    {
        using var activity = IngestActivities.StartSend(Topic(result), result.TraceParent);
        var message = new Message<byte[]?, byte[]?> { Key = Encoding.UTF8.GetBytes(result.Key), Value = result.Data, Headers = [] };
        foreach (var (name, bytes) in Envelope(result with { TraceParent = activity?.Id ?? result.TraceParent }).ToHeaders().Concat(Extensions(result)))
        {
            message.Headers.Add(name, bytes);
        }

        return message;
    }

    private static EventEnvelope Envelope(ResultMessage result) =>
        new(result.Id, $"/streams/{result.Run}", result.Type, result.Time, ContentType: "application/json", TraceParent: result.TraceParent);

    private static KeyValuePair<string, byte[]>[] Extensions(ResultMessage result) =>
    [
        new(Headers.Run, Encoding.UTF8.GetBytes(result.Run)),
        new(Headers.SourceTimestamp, Encoding.ASCII.GetBytes(result.SourcePublished.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))),
    ];
}
