using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Host.Pipeline;

/// <summary>Reads records of the results topics back into results.</summary>
internal static class ResultReader
{
    /// <summary>The result, and when the broker had the record that caused it.</summary>
    /// <exception cref="RecordFormatException">Not one of ours.</exception>
    public static (ResultRecord Result, DateTimeOffset? SourcePublished) Read(ConsumeResult<byte[], byte[]> record)
    {
        byte[]? Header(string name) => record.Message.Headers.TryGetLastBytes(name, out var bytes) ? bytes : null;

        var envelope = EventEnvelope.FromHeaders(Header);
        var run = EventEnvelope.Optional(Header, Headers.Run) ?? Topics.LiveRun;
        var topic = run == Topics.LiveRun ? record.Topic : record.Topic[$"run.{run}.".Length..];
        var published = long.TryParse(EventEnvelope.Optional(Header, Headers.SourceTimestamp), CultureInfo.InvariantCulture, out var ms) && ms > 0
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : (DateTimeOffset?)null;
        try
        {
            using var data = JsonDocument.Parse(record.Message.Value);
            return (
                new ResultRecord(envelope.Id, run, topic, EventEnvelope.DecodeKey(record.Message.Key), envelope.Time, envelope.Type, data.RootElement.Clone())
                {
                    // Whoever reads it could not find one that is not recorded.
                    TraceParent = ActivityContext.TryParse(envelope.TraceParent, null, out var trace) && trace.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                        ? envelope.TraceParent : null,
                },
                published);
        }
        catch (JsonException e)
        {
            throw new RecordFormatException("value", $"is not JSON: {e.Message}", e);
        }
    }
}
