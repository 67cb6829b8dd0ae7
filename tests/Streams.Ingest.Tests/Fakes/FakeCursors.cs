namespace Streams.Ingest.Tests.Fakes;

/// <summary>Cursors in memory with the fencing of the real ones.</summary>
internal sealed class FakeCursors : IPartitionCursors
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PartitionId, PartitionLease> _leases = [];
    private readonly List<(PartitionId Partition, long Least, TaskCompletionSource Reached)> _waiting = [];
    private int _incarnation;

    public int Writes { get; private set; }

    public Exception? Failure { get; set; }

    public void Set(PartitionId partition, long next)
    {
        lock (_gate)
        {
            _leases[partition] = _leases.GetValueOrDefault(partition) with { NextOffset = next };
        }
    }

    public Task WhenAtLeast(PartitionId partition, long next)
    {
        lock (_gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_leases.TryGetValue(partition, out var lease) && lease.NextOffset >= next)
            {
                reached.SetResult();
            }
            else
            {
                _waiting.Add((partition, next, reached));
            }

            return reached.Task;
        }
    }

    /// <summary>As after a restart of the store: leases of before are refused.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _incarnation++;
        }
    }

    public ValueTask<PartitionLease> AcquireAsync(PartitionId partition, CancellationToken ct)
    {
        lock (_gate)
        {
            Throw();
            var before = _leases.TryGetValue(partition, out var lease) ? lease : new PartitionLease(0, -1);
            return ValueTask.FromResult(_leases[partition] = new PartitionLease(before.Epoch + 1, before.NextOffset, $"{_incarnation}"));
        }
    }

    public ValueTask AdvanceAsync(PartitionId partition, PartitionLease lease, long nextOffset, CancellationToken ct)
    {
        lock (_gate)
        {
            Compare(partition, lease);
            Writes++;
            _leases[partition] = lease with { NextOffset = nextOffset };
            foreach (var waiting in _waiting.Where(waiting => waiting.Partition == partition && waiting.Least <= nextOffset))
            {
                waiting.Reached.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask VerifyAsync(PartitionId partition, PartitionLease lease, CancellationToken ct)
    {
        lock (_gate)
        {
            Compare(partition, lease);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<long> ReadAsync(PartitionId partition, CancellationToken ct)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_leases.TryGetValue(partition, out var lease) ? lease.NextOffset : -1);
        }
    }

    private void Compare(PartitionId partition, PartitionLease lease)
    {
        Throw();
        if (lease.Id != $"{_incarnation}")
        {
            throw new StoreRolledBackException(partition, _leases.GetValueOrDefault(partition).NextOffset);
        }

        if (lease.Epoch < _leases.GetValueOrDefault(partition).Epoch)
        {
            throw new StaleEpochException(partition, lease.Epoch, _leases[partition].Epoch);
        }
    }

    private void Throw()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
