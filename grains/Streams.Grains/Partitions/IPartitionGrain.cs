namespace Streams.Grains.Partitions;

/// <summary>
/// Where the reading of one partition by one run stands, kept with the state of the grains (reliability.md, F7: the consumer group's
/// committed offset may be ahead of a state that a failover rolled back). Key: <c>RUN|TOPIC|PARTITION</c>.
/// </summary>
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Makes the caller the owner: raises the epoch, durably, and returns it with the next offset to read (-1: none read yet).</summary>
    Task<PartitionCursor> AcquireAsync();

    /// <summary>Moves the cursor to <paramref name="nextOffset"/>; it never moves back.</summary>
    /// <exception cref="StaleEpochException"><paramref name="epoch"/> is not the one in force.</exception>
    Task AdvanceAsync(long epoch, long nextOffset);

    /// <summary>The cursor, without becoming the owner.</summary>
    Task<PartitionCursor> ReadAsync();
}

/// <summary>Epoch and next offset of a partition.</summary>
/// <param name="Epoch">0 before anyone owned it.</param>
/// <param name="NextOffset">-1 before anything was read.</param>
[GenerateSerializer, Immutable]
public sealed record PartitionCursor([property: Id(0)] long Epoch, [property: Id(1)] long NextOffset)
{
    /// <summary>Nobody has read the partition yet.</summary>
    public static PartitionCursor None { get; } = new(0, -1);
}
