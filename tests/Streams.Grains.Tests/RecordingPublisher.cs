using System.Collections.Concurrent;
using Streams.Grains.Outbox;

namespace Streams.Grains.Tests;

/// <summary>Keeps what grains publish, and fails as often as told to.</summary>
internal sealed class RecordingPublisher : IResultPublisher
{
    private readonly ConcurrentQueue<OutboxResult> _published = new();

    /// <summary>Publishes to come that fail.</summary>
    public int FailuresLeft { get; set; }

    public IReadOnlyList<OutboxResult> Of(StreamKey key) => [.. _published.Where(result => result.Run == key.Run && result.Key == key.Key)];

    public ValueTask PublishAsync(IReadOnlyList<OutboxResult> results, CancellationToken cancellationToken)
    {
        if (FailuresLeft > 0)
        {
            FailuresLeft--;
            throw new TimeoutException("the broker did not acknowledge");
        }

        foreach (var result in results)
        {
            _published.Enqueue(result);
        }

        return ValueTask.CompletedTask;
    }
}
