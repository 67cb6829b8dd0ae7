namespace Streams.Ingest.Pump;

/// <summary>A partition from its assignment to its revocation. Written by the poll thread and the acquiring task, read by snapshots.</summary>
internal sealed class HeldPartition(PartitionId id)
{
    private volatile PartitionWork? _work;
    private volatile string? _problem;
    private volatile bool _isHalted;
    private long _end = -1;

    public PartitionId Id { get; } = id;

    /// <summary>Cancelled when the partition is ours no more.</summary>
    public CancellationTokenSource Released { get; } = new();

    /// <summary>Null until the cursor is acquired, and while halted.</summary>
    public PartitionWork? Work
    {
        get => _work;
        set
        {
            _work = value;
            _isHalted = _isHalted && value is null;
        }
    }

    public string? Problem
    {
        get => _problem;
        set => _problem = value;
    }

    public bool IsHalted
    {
        get => _isHalted;
        set => _isHalted = value;
    }

    /// <summary>End of the partition as last heard; -1 before.</summary>
    public long End
    {
        get => Interlocked.Read(ref _end);
        set => Interlocked.Exchange(ref _end, value);
    }

    public PartitionStatistics Snapshot()
    {
        var work = Work;
        var state = work is not null ? PartitionState.Running : IsHalted ? PartitionState.Halted : PartitionState.Acquiring;
        return new PartitionStatistics(Id.Partition, state, work?.Epoch ?? 0, work?.Watermark ?? -1, End < 0 ? null : End, Problem);
    }
}
