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

    /// <summary>The client has found the place that the partition was assigned at. Poll thread only.</summary>
    public bool IsPositioned { get; set; }

    /// <summary>From the cursor's acquisition to the first record. Poll thread only.</summary>
    public AcquiredCursor? Acquired { get; set; }

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
        return new PartitionStatistics(Id.Partition, state, work?.Epoch ?? 0, work?.Watermark ?? -1, End < 0 ? null : End, Problem) { LagTime = work?.LagTime };
    }
}

/// <summary>A cursor before its partition is read.</summary>
/// <param name="Lease">The lease with it.</param>
/// <param name="Start">Where reading begins.</param>
/// <param name="IsSought">The client was told.</param>
/// <param name="Found">Where a first seek found the next record, or the end, when that is later; -1 before.</param>
internal sealed record AcquiredCursor(PartitionLease Lease, long Start, bool IsSought = false, long Found = -1);
