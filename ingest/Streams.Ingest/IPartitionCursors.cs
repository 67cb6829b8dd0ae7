namespace Streams.Ingest;

/// <summary>
/// How far each partition is processed. The cursor lies with the state, not in the consumer group, so that both are rolled back together when
/// storage loses its last writes; and it moves only in the incarnation of the store in which the lease was taken, so that it can never be
/// ahead of state that was lost in between.
/// </summary>
public interface IPartitionCursors
{
    /// <summary>Takes the partition over: raises its epoch, so that every earlier owner is refused from now on.</summary>
    ValueTask<PartitionLease> AcquireAsync(PartitionId partition, CancellationToken ct);

    /// <summary>Records that everything below <paramref name="nextOffset"/> is durable. The cursor never moves back.</summary>
    /// <exception cref="StaleEpochException">Another owner took over.</exception>
    /// <exception cref="StoreRolledBackException">The store was restarted or failed over since the lease was taken.</exception>
    ValueTask AdvanceAsync(PartitionId partition, PartitionLease lease, long nextOffset, CancellationToken ct);

    /// <summary>Moves nothing; throws what <see cref="AdvanceAsync"/> would throw.</summary>
    ValueTask VerifyAsync(PartitionId partition, PartitionLease lease, CancellationToken ct);

    /// <summary>The next offset, or -1 when nothing is processed yet. Takes nothing over.</summary>
    ValueTask<long> ReadAsync(PartitionId partition, CancellationToken ct);
}
