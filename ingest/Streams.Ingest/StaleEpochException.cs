namespace Streams.Ingest;

/// <summary>Another owner has taken the partition over; this one must stop and write nothing more.</summary>
public sealed class StaleEpochException : Exception
{
    /// <summary>Says which partition went to whom.</summary>
    public StaleEpochException(PartitionId partition, long epoch, long current)
        : base($"partition {partition}: epoch {epoch} is stale, {current} has taken over; stop processing it here")
    {
    }

    /// <summary>For transports that can carry only the text.</summary>
    public StaleEpochException(string message)
        : base(message)
    {
    }
}
