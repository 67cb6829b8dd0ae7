using Confluent.Kafka;

namespace Streams.Ingest.Pump;

/// <summary>A record that waits for its turn.</summary>
/// <param name="Record">As it came from the broker.</param>
/// <param name="Bytes">What it takes of the budget.</param>
/// <param name="Arrived">Timestamp of the time provider.</param>
internal readonly record struct PendingRecord(ConsumeResult<byte[]?, byte[]?> Record, long Bytes, long Arrived);

/// <summary>The records of one key of one partition, or of all keys that share calls, in order. Exists while there are any. Guarded by the gate of its <see cref="PartitionWork"/>.</summary>
internal sealed class Lane(string? key)
{
    /// <summary>The key as text; null in the lane that keys share, and in that of keys that are not valid, whose records become dead letters.</summary>
    public string? Key { get; } = key;

    public Queue<PendingRecord> Waiting { get; } = new();

    /// <summary>Raw bytes waiting.</summary>
    public long WaitingBytes { get; set; }

    /// <summary>Bytes of the budget held by what waits and by the call in progress.</summary>
    public long HeldBytes { get; set; }

    /// <summary>Set by whoever fills a batch while the lane lingers.</summary>
    public TaskCompletionSource? Full { get; set; }
}
