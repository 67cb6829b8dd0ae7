using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>
/// All keys of one source partition in one run, where keys are many and light: one call carries many of them, and none needs an activation of its
/// own. Key: <see cref="StreamKey.OfPartition"/>.
/// </summary>
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Applies each key's records as <see cref="IStreamGrain.ApplyAsync"/> does, with an outcome of its own.</summary>
    /// <returns>In the order of the batch's keys.</returns>
    /// <exception cref="StaleEpochException">A newer owner of the partition has been here.</exception>
    /// <exception cref="StoreRolledBackException">The lease is of another incarnation of the store.</exception>
    Task<KeyReply[]> ApplyAsync(PartitionBatch batch);
}

/// <summary>Records of several keys of one partition.</summary>
/// <param name="Partition">Source partition.</param>
/// <param name="Epoch">The caller's epoch of that partition.</param>
/// <param name="Lease">Id of the caller's lease.</param>
/// <param name="Keys">Each key once.</param>
/// <param name="TraceParent">The caller's span (W3C trace context); null when it has none.</param>
[GenerateSerializer, Immutable]
public sealed record PartitionBatch(
    [property: Id(0)] int Partition,
    [property: Id(1)] long Epoch,
    [property: Id(2)] string Lease,
    [property: Id(3)] KeyBatch[] Keys,
    [property: Id(4)] string? TraceParent = null);

/// <summary>Records of one key.</summary>
/// <param name="Key">Key of the source topic.</param>
/// <param name="Records">Of the batch's partition, ascending by offset.</param>
[GenerateSerializer, Immutable]
public sealed record KeyBatch([property: Id(0)] string Key, [property: Id(1)] InputRecord[] Records);

/// <summary>What became of one key's records.</summary>
/// <param name="Reply">Null when they failed.</param>
/// <param name="Failure">What <see cref="IStreamGrain.ApplyAsync"/> would have thrown; null when it succeeded.</param>
[GenerateSerializer, Immutable]
public sealed record KeyReply([property: Id(0)] ApplyReply? Reply, [property: Id(1)] Exception? Failure);
