namespace Streams.Ingest;

/// <summary>The right to process a partition until somebody else acquires it.</summary>
/// <param name="Epoch">Higher than every lease before it.</param>
/// <param name="NextOffset">First offset that is not processed; -1 when nothing is processed yet.</param>
/// <param name="Id">
/// Unlike that of every other lease. A store that lost its last writes can give an epoch out twice, never an id.
/// </param>
public readonly record struct PartitionLease(long Epoch, long NextOffset, string Id = "");
