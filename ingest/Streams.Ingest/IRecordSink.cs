using Streams.Schemas.Processing;

namespace Streams.Ingest;

/// <summary>Where validated records go: the keyed grains.</summary>
public interface IRecordSink
{
    /// <summary>
    /// Applies <paramref name="records"/>: ascending offsets of one partition and one key. Idempotent by offset, so that
    /// a call whose outcome is unknown can be repeated. On return everything is durable and its results are published.
    /// </summary>
    /// <returns>The records that the processor refused.</returns>
    /// <exception cref="StaleEpochException">A newer epoch has been seen. Every other exception counts as transient: the call is repeated.</exception>
    ValueTask<IReadOnlyList<Rejection>> ApplyAsync(
        PartitionId partition, string key, long epoch, IReadOnlyList<InputRecord> records, CancellationToken ct);
}
