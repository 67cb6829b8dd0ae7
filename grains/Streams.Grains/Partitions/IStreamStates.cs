namespace Streams.Grains.Partitions;

/// <summary>
/// The stored states of a partition's keys, many at a time. The host implements it where the states of the keys' own grains lie, so that a key's state
/// is the same record whichever grain it is served by.
/// </summary>
public interface IStreamStates
{
    /// <summary>Reads states, and then sees that the lease is in force.</summary>
    /// <returns>In the order of <paramref name="keys"/>; the default where there is none.</returns>
    /// <exception cref="StaleEpochException">Somebody else has acquired the partition since.</exception>
    /// <exception cref="StoreRolledBackException">The store was restarted or failed over since, and may lack the writes acknowledged last.</exception>
    Task<StoredState[]> ReadAsync(PartitionFence fence, IReadOnlyList<StreamKey> keys);

    /// <summary>Writes each state if it is still the one that was read, all of them only if the lease is in force.</summary>
    /// <returns>For each of <paramref name="writes"/> the ETag of the version written; null when somebody else has written that state.</returns>
    /// <exception cref="StaleEpochException">As of reading.</exception>
    /// <exception cref="StoreRolledBackException">As of reading.</exception>
    Task<string?[]> WriteAsync(PartitionFence fence, IReadOnlyList<StateWrite> writes);
}

/// <summary>A state as it is stored.</summary>
/// <param name="ETag">Of this version of it; null when there is none.</param>
/// <param name="Data">Its bytes.</param>
public readonly record struct StoredState(string? ETag, ReadOnlyMemory<byte> Data);

/// <summary>A state to be written.</summary>
/// <param name="Key">Whose.</param>
/// <param name="ETag">Of the version that was read; null when there was none.</param>
/// <param name="Data">Its bytes.</param>
public readonly record struct StateWrite(StreamKey Key, string? ETag, ReadOnlyMemory<byte> Data);
