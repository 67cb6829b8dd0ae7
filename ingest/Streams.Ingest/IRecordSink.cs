using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Ingest;

/// <summary>Where validated records go: the keyed grains.</summary>
public interface IRecordSink
{
    /// <summary>
    /// Applies <paramref name="records"/>: ascending offsets of one partition and one key. Idempotent by offset, so that
    /// a call whose outcome is unknown can be repeated: it answers with the same results. On return everything is durable.
    /// </summary>
    /// <exception cref="StaleEpochException">A newer epoch has been seen.</exception>
    /// <exception cref="StoreRolledBackException">The lease is of another incarnation of the store.</exception>
    /// <exception cref="ProcessingFailedException">
    /// The processor failed on these records; nothing of them was applied. Every other exception counts as transient: the call is repeated.
    /// </exception>
    ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct);
}

/// <summary>What became of a batch, durably.</summary>
/// <param name="Rejections">The records that the processor refused.</param>
/// <param name="Results">The results of the batch's records, to be published before the next call for the key.</param>
public sealed record ApplyOutcome(IReadOnlyList<Rejection> Rejections, IReadOnlyList<ResultMessage> Results)
{
    /// <summary>Nothing came of it.</summary>
    public static ApplyOutcome Empty { get; } = new([], []);
}
