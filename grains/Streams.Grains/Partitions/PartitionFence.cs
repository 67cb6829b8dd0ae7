namespace Streams.Grains.Partitions;

/// <summary>The lease under which a state is written. A store that can must refuse the write once it is not in force, in the same atomic step.</summary>
/// <param name="Run">Run of the partition.</param>
/// <param name="Topic">Source topic.</param>
/// <param name="Partition">Source partition.</param>
/// <param name="Epoch">The caller's epoch of it.</param>
/// <param name="Lease">Id of the caller's lease.</param>
public sealed record PartitionFence(string Run, string Topic, int Partition, long Epoch, string Lease)
{
    /// <summary>For messages.</summary>
    public override string ToString() => $"{Run}|{Topic} partition {Partition}";
}

/// <summary>A state that is written under a lease.</summary>
public interface IFencedState
{
    /// <summary>The lease of the write in progress; not part of the state.</summary>
    PartitionFence? Fence { get; }
}
