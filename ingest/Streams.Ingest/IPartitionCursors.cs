namespace Streams.Ingest;

/// <summary>
/// How far each partition is processed. The cursor lies with the state, not in the consumer group,
/// so that both are rolled back together when storage loses its last writes.
/// </summary>
public interface IPartitionCursors
{
    /// <summary>Takes the partition over: raises its epoch, so that every earlier owner is refused from now on.</summary>
    ValueTask<PartitionLease> AcquireAsync(PartitionId partition, CancellationToken ct);

    /// <summary>Records that everything below <paramref name="nextOffset"/> is durable.</summary>
    /// <exception cref="StaleEpochException">Another owner took over.</exception>
    ValueTask AdvanceAsync(PartitionId partition, long epoch, long nextOffset, CancellationToken ct);

    /// <summary>The next offset, or -1 when nothing is processed yet. Takes nothing over.</summary>
    ValueTask<long> ReadAsync(PartitionId partition, CancellationToken ct);
}
