namespace Streams.Grains.Partitions;

/// <summary>Knows who owns a partition. The host implements it where the partitions' cursors are stored.</summary>
public interface IPartitionLeases
{
    /// <summary>Returns when the lease is in force and was taken in the store's present incarnation.</summary>
    /// <exception cref="StaleEpochException">Somebody else has acquired the partition since.</exception>
    /// <exception cref="StoreRolledBackException">The store was restarted or failed over since, and may lack the writes acknowledged last.</exception>
    ValueTask VerifyAsync(string run, string topic, int partition, long epoch, string lease);
}
