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

    /// <summary>Whether the topic's keys may be millions and their records are done in microseconds, so that one call is to carry many of them.</summary>
    bool SharesCalls(string topic) => false;

    /// <summary>Applies records of several keys of such a topic, each as the other form does and with an outcome of its own.</summary>
    /// <param name="partition">Of all records.</param>
    /// <param name="lease">Of the partition.</param>
    /// <param name="keys">Each key once.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>In the order of <paramref name="keys"/>.</returns>
    /// <exception cref="StaleEpochException">A newer epoch has been seen.</exception>
    /// <exception cref="StoreRolledBackException">The lease is of another incarnation of the store.</exception>
    ValueTask<IReadOnlyList<KeyOutcome>> ApplyAsync(PartitionId partition, PartitionLease lease, IReadOnlyList<KeyedRecords> keys, CancellationToken ct) =>
        throw new NotSupportedException($"the keys of {partition.Topic} do not share calls");
}

/// <summary>Records of one key.</summary>
/// <param name="Key">Key of the source topic.</param>
/// <param name="Records">Ascending by offset.</param>
public sealed record KeyedRecords(string Key, IReadOnlyList<InputRecord> Records);

/// <summary>What became of one key's records.</summary>
/// <param name="Outcome">Null when they failed.</param>
/// <param name="Failure">What the call for this key alone would have thrown; null when it succeeded.</param>
public readonly record struct KeyOutcome(ApplyOutcome? Outcome, Exception? Failure);

/// <summary>What became of a batch, durably.</summary>
/// <param name="Rejections">The records that the processor refused.</param>
/// <param name="Results">The results of the batch's records, to be published before the next call for the key.</param>
public sealed record ApplyOutcome(IReadOnlyList<Rejection> Rejections, IReadOnlyList<ResultMessage> Results)
{
    /// <summary>Nothing came of it.</summary>
    public static ApplyOutcome Empty { get; } = new([], []);
}
