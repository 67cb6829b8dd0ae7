namespace Streams.Ingest.Pump;

/// <summary>What a pump or a replay has done and holds, at one moment.</summary>
/// <param name="Run">The run that it reads for.</param>
/// <param name="Topic">Source topic.</param>
/// <param name="Consumed">Records taken from the broker since the start.</param>
/// <param name="Applied">Records that grains took.</param>
/// <param name="DeadLettered">Records that went to the dead-letter topic.</param>
/// <param name="Retried">Calls that failed and were repeated.</param>
/// <param name="InFlightBytes">Bytes taken and not done with.</param>
/// <param name="Paused">Whether the broker is not being asked for more.</param>
/// <param name="Partitions">The partitions held, by number.</param>
public sealed record PumpStatistics(
    string Run,
    string Topic,
    long Consumed,
    long Applied,
    long DeadLettered,
    long Retried,
    long InFlightBytes,
    bool Paused,
    IReadOnlyList<PartitionStatistics> Partitions)
{
    /// <summary>Records not done with over all partitions held; null while one of them is not known.</summary>
    public long? Lag => Partitions.Any(partition => partition.Lag is null) ? null : Partitions.Sum(partition => partition.Lag);

    /// <summary>The group has told which partitions are held. None where there are more processes than partitions: this one is ready to take over.</summary>
    public bool IsAssigned { get; init; }

    /// <summary>The broker does not let this client read the topic: what it says. Null when it does.</summary>
    public string? Refused { get; init; }

    /// <summary>The partitions are assigned, and all of them are being read.</summary>
    public bool IsReady => IsAssigned && Refused is null && Partitions.All(partition => partition is { State: PartitionState.Running, Lag: not null });
}

/// <summary>One partition held.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="State">Whether it is being read.</param>
/// <param name="Epoch">Epoch of the lease; 0 before there is one.</param>
/// <param name="NextOffset">Everything below is done; -1 before that is known.</param>
/// <param name="EndOffset">End of the partition as last heard; null before that is known.</param>
/// <param name="Problem">Why it is not being read; null when all is well.</param>
public sealed record PartitionStatistics(int Partition, PartitionState State, long Epoch, long NextOffset, long? EndOffset, string? Problem)
{
    /// <summary>Records between the two; null when one of them is not known.</summary>
    public long? Lag => NextOffset >= 0 && EndOffset is { } end ? Math.Max(0, end - NextOffset) : null;

    /// <summary>Age of the oldest record taken and not done, by the broker's timestamp; null while it is not being read.</summary>
    public TimeSpan? LagTime { get; init; }
}

/// <summary>States of a partition.</summary>
public enum PartitionState
{
    /// <summary>Its cursor is being acquired.</summary>
    Acquiring,

    /// <summary>Its records are being read.</summary>
    Running,

    /// <summary>Another owner took it over, or an error stopped it; it is acquired again after a rest.</summary>
    Halted,
}
