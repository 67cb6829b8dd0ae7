namespace Streams.Ingest.Tests.Fakes;

/// <summary>Cursors in memory with the fencing of the real ones.</summary>
internal sealed class FakeCursors : IPartitionCursors
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PartitionId, PartitionLease> _leases = [];
    private readonly List<(PartitionId Partition, long Least, TaskCompletionSource Reached)> _waiting = [];

    public int Writes { get; private set; }

    public Exception? Failure { get; set; }

    public void Set(PartitionId partition, long next)
    {
        lock (_gate)
        {
            _leases[partition] = new PartitionLease(_leases.GetValueOrDefault(partition).Epoch, next);
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

    public ValueTask<PartitionLease> AcquireAsync(PartitionId partition, CancellationToken ct)
    {
        lock (_gate)
        {
            Throw();
            var before = _leases.TryGetValue(partition, out var lease) ? lease : new PartitionLease(0, -1);
            return ValueTask.FromResult(_leases[partition] = before with { Epoch = before.Epoch + 1 });
        }
    }

    public ValueTask AdvanceAsync(PartitionId partition, long epoch, long nextOffset, CancellationToken ct)
    {
        lock (_gate)
        {
            Throw();
            var lease = _leases.GetValueOrDefault(partition, new PartitionLease(epoch, -1));
            if (epoch < lease.Epoch)
            {
                throw new StaleEpochException(partition, epoch, lease.Epoch);
            }

            Writes++;
            _leases[partition] = new PartitionLease(epoch, nextOffset);
            foreach (var waiting in _waiting.Where(waiting => waiting.Partition == partition && waiting.Least <= nextOffset))
            {
                waiting.Reached.TrySetResult();
            }

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

    private void Throw()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
