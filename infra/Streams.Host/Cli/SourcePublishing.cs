using System.Diagnostics;
using Streams.Ingest.Publishing;
using Streams.Ingest.Sources;

namespace Streams.Host.Cli;

/// <summary>Sends a source's records, with a progress bar where the length is known.</summary>
internal static class SourcePublishing
{
    // Enough to keep the producer's batches full, few enough that a frame source does not fill the memory.
    private const int InFlight = 64;

    /// <summary>What was sent.</summary>
    public sealed record Sent(string Topic, string Key, long Records, long Bytes);

    public static async Task<Sent> PublishAsync(IRecordSource source, RecordPublisher publisher, bool quiet, CancellationToken cancellation)
    {
        if (quiet)
        {
            return await SendAsync(source, publisher, _ => { }, cancellation);
        }

        return await Bars.Create().StartAsync(async context =>
        {
            var task = context.AddTask("publishing", maxValue: source.ExpectedRecords ?? 1);
            task.IsIndeterminate = source.ExpectedRecords is null;
            var began = Stopwatch.GetTimestamp();
            return await SendAsync(source, publisher, sent => task.Show("publishing", "records", sent, began), cancellation);
        });
    }

    public static async Task<Sent> SendAsync(IRecordSource source, RecordPublisher publisher, Action<long> progress, CancellationToken cancellation)
    {
        var pending = new Queue<Task>(InFlight);
        var sent = new Sent("", "", 0, 0);
        await foreach (var record in source.ReadAsync(cancellation))
        {
            if (pending.Count == InFlight)
            {
                await pending.Dequeue();
            }

            pending.Enqueue(publisher.PublishAsync(record, cancellation));
            sent = new Sent(record.Topic, record.Key, sent.Records + 1, sent.Bytes + record.Value.Length);
            progress(sent.Records);
        }

        await Task.WhenAll(pending);
        return sent;
    }
}
