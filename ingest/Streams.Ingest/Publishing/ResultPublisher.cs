using Streams.Schemas.Results;

namespace Streams.Ingest.Publishing;

/// <summary>
/// Publishes results with the idempotent producer that everything else uses. A crash between the acknowledgement and the cursor repeats a
/// result under the same id; whoever reads the topics drops it by id.
/// </summary>
public sealed class ResultPublisher(RecordPublisher publisher) : IResultPublisher
{
    /// <inheritdoc/>
    public IPartitionPublisher Open(PartitionId partition) => new Session(publisher);

    private sealed class Session(RecordPublisher publisher) : IPartitionPublisher
    {
        public async Task PublishAsync(IReadOnlyList<ResultMessage> results, long cursor, CancellationToken ct)
        {
            // All are handed over before the first is awaited: the producer sends them in few requests, in this order.
            var sends = new Task[results.Count];
            for (var i = 0; i < sends.Length; i++)
            {
                sends[i] = publisher.PublishAsync(results[i], ct);
            }

            await Task.WhenAll(sends);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
