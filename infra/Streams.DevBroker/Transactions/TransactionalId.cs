namespace Streams.DevBroker.Transactions;

/// <summary>
/// One transactional id. Its lock serialises everything that happens in its transactions, appends to partitions included:
/// nothing can be written into a transaction that is being ended. It is taken before the locks of partitions and stores.
/// </summary>
internal sealed class TransactionalId(TransactionMetadata metadata, long deadlineMs)
{
    public Lock Lock { get; } = new();

    /// <summary>Read and replaced with the lock held; replaced only after the journal has it.</summary>
    public TransactionMetadata Metadata { get; set; } = metadata;

    /// <summary>Whether an attempt to write the markers failed on the way. Guarded by the lock.</summary>
    public bool MayHaveMarkers { get; set; }

    /// <summary>When the open transaction is aborted, or a failed end tried again, on the coordinator's clock. Guarded by the lock.</summary>
    public long DeadlineMs { get; set; } = deadlineMs;
}
