namespace Streams.Grains.Processing;

/// <summary>
/// All keys of one source partition in one run, where keys are many and light: one call carries many of them, and none needs an activation of its
/// own. Key: <see cref="StreamKey.OfPartition"/>.
/// </summary>
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Applies each batch as <see cref="IStreamGrain.ApplyAsync"/> does, with an outcome of its own.</summary>
    /// <param name="batches">At most one of a key.</param>
    /// <returns>In the order of <paramref name="batches"/>.</returns>
    Task<KeyReply[]> ApplyAsync(KeyBatch[] batches);
}

/// <summary>Records of one key.</summary>
/// <param name="Key">Key of the source topic.</param>
/// <param name="Batch">Its records.</param>
[GenerateSerializer, Immutable]
public sealed record KeyBatch([property: Id(0)] string Key, [property: Id(1)] RecordBatch Batch);

/// <summary>What became of one key's batch.</summary>
/// <param name="Reply">Null when it failed.</param>
/// <param name="Failure">One of the exceptions of <see cref="IStreamGrain.ApplyAsync"/>, or the store's; null when it succeeded.</param>
[GenerateSerializer, Immutable]
public sealed record KeyReply([property: Id(0)] ApplyReply? Reply, [property: Id(1)] Exception? Failure);
