namespace Streams.Ingest;

/// <summary>One partition of a source topic as one run reads it.</summary>
/// <param name="Run"><see cref="Schemas.Topics.LiveRun"/> or the name of a replay.</param>
/// <param name="Topic">Source topic, without a run's prefix.</param>
/// <param name="Partition">Number of the partition.</param>
public readonly record struct PartitionId(string Run, string Topic, int Partition)
{
    /// <summary>run/topic/partition.</summary>
    public override string ToString() => $"{Run}/{Topic}/{Partition}";
}
