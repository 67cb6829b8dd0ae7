namespace Streams.Ingest;

/// <summary>
/// The store was restarted or failed over since the lease was taken, and may have lost the writes acknowledged last. The partition is acquired
/// again and read from the cursor that the store still has.
/// </summary>
public sealed class StoreRolledBackException : Exception
{
    /// <summary>Says which partition and from where it goes on.</summary>
    public StoreRolledBackException(PartitionId partition, long nextOffset)
        : base($"partition {partition}: the store is another incarnation than the lease's and may lack the last writes; its cursor is {nextOffset}, acquire the partition again")
    {
    }

    /// <summary>For transports that can carry only the text.</summary>
    public StoreRolledBackException(string message)
        : base(message)
    {
    }
}
