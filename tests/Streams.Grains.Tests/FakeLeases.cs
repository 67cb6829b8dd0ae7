using System.Collections.Concurrent;
using Streams.Grains.Partitions;

namespace Streams.Grains.Tests;

/// <summary>Takes every lease, except those that a test revokes or that a restart of the store has outdated.</summary>
internal sealed class FakeLeases : IPartitionLeases
{
    private readonly ConcurrentDictionary<string, Exception> _refused = new();

    /// <summary>Leases asked about, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public void Refuse(string lease, Exception reason) => _refused[lease] = reason;

    public ValueTask VerifyAsync(string run, string topic, int partition, long epoch, string lease)
    {
        Asked.Enqueue(lease);
        return _refused.TryGetValue(lease, out var reason) ? ValueTask.FromException(reason) : ValueTask.CompletedTask;
    }
}
