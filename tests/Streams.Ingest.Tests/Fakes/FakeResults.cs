using System.Collections.Concurrent;
using Streams.Ingest.Publishing;
using Streams.Schemas.Results;

namespace Streams.Ingest.Tests.Fakes;

/// <summary>Keeps the results that are published; what a call does can be set.</summary>
internal sealed class FakeResults : IResultPublisher
{
    public ConcurrentQueue<ResultMessage> Published { get; } = new();

    public Func<IReadOnlyList<ResultMessage>, Task> OnPublish { get; set; } = _ => Task.CompletedTask;

    public IPartitionPublisher Open(PartitionId partition) => new Session(this);

    private sealed class Session(FakeResults owner) : IPartitionPublisher
    {
        public async Task PublishAsync(IReadOnlyList<ResultMessage> results, long cursor, CancellationToken ct)
        {
            await owner.OnPublish(results);
            foreach (var result in results)
            {
                owner.Published.Enqueue(result);
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
