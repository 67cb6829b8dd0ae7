namespace Streams.Ingest;

/// <summary>The right to process a partition until somebody else acquires it.</summary>
/// <param name="Epoch">Higher than every lease before it.</param>
/// <param name="NextOffset">First offset that is not processed; -1 when nothing is processed yet.</param>
public readonly record struct PartitionLease(long Epoch, long NextOffset);
