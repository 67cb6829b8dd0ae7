using Streams.Grains.Outbox;
using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>One key of one source topic in one run. Key: <see cref="StreamKey"/>.</summary>
public interface IStreamGrain : IGrainWithStringKey
{
    /// <summary>
    /// Applies records of one partition, ascending by offset. Idempotent: what was applied before is left out, and the last batch's results are
    /// given again. When it returns, state and results are durable.
    /// </summary>
    /// <exception cref="StaleEpochException">A newer owner of the partition has been here.</exception>
    /// <exception cref="StoreRolledBackException">The lease is of another incarnation of the store.</exception>
    /// <exception cref="ProcessingFailedException">The processor threw.</exception>
    /// <exception cref="StateUnreadableException">The stored state is of another version.</exception>
    Task<ApplyReply> ApplyAsync(RecordBatch batch);

    /// <summary>Deletes the stored state. Nothing may be reading for this run any more.</summary>
    Task ForgetAsync();
}

/// <summary>Records of one partition for one key.</summary>
/// <param name="Partition">Source partition.</param>
/// <param name="Epoch">The caller's epoch of that partition.</param>
/// <param name="Lease">Id of the caller's lease.</param>
/// <param name="Records">Of <paramref name="Partition"/>, ascending by offset.</param>
/// <param name="TraceParent">The caller's span (W3C trace context); null when it has none.</param>
[GenerateSerializer, Immutable]
public sealed record RecordBatch(
    [property: Id(0)] int Partition,
    [property: Id(1)] long Epoch,
    [property: Id(2)] string Lease,
    [property: Id(3)] InputRecord[] Records,
    [property: Id(4)] string? TraceParent = null);

/// <summary>What became of a batch.</summary>
/// <param name="Rejected">The records that the processor refuses.</param>
/// <param name="Results">The batch's results. The caller publishes them before it sends the key's next batch: they are forgotten then.</param>
[GenerateSerializer, Immutable]
public sealed record ApplyReply([property: Id(0)] RejectedRecord[] Rejected, [property: Id(1)] OutboxResult[] Results)
{
    /// <summary>Nothing came of it.</summary>
    internal static ApplyReply Empty { get; } = new([], []);
}

/// <summary>A record that the processor refuses.</summary>
/// <param name="Offset">Its source offset.</param>
/// <param name="Reason">What is wrong and how to mend it.</param>
[GenerateSerializer, Immutable]
public sealed record RejectedRecord([property: Id(0)] long Offset, [property: Id(1)] string Reason);
