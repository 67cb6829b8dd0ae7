using System.Globalization;
using System.Text;
using Streams.Grains.Outbox;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using Streams.Schemas.Envelope;

namespace Streams.Host.Pipeline;

/// <summary>Publishes the outbox of a grain on the results topics, with the ids it came with.</summary>
internal sealed class KafkaResultPublisher(RecordPublisher publisher) : IResultPublisher
{
    public async ValueTask PublishAsync(IReadOnlyList<OutboxResult> results, CancellationToken cancellationToken)
    {
        // All are handed over before the first is awaited: the producer sends them in few requests, in this order.
        var sends = new Task[results.Count];
        for (var i = 0; i < sends.Length; i++)
        {
            var result = results[i];
            sends[i] = publisher.PublishAsync(
                Topics.ForRun(result.Run, result.Topic), result.Key, Envelope(result), result.Data, Extensions(result), cancellationToken);
        }

        await Task.WhenAll(sends);
    }

    private static EventEnvelope Envelope(OutboxResult result) =>
        new(result.Id, $"/streams/{result.Run}", result.Type, result.Time, ContentType: "application/json");

    private static KeyValuePair<string, byte[]>[] Extensions(OutboxResult result) =>
    [
        new(Headers.Run, Encoding.UTF8.GetBytes(result.Run)),
        new(Headers.SourceTimestamp, Encoding.ASCII.GetBytes(result.SourcePublished.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))),
    ];
}
