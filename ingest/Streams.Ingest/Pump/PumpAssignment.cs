using System.Collections.Concurrent;
using Confluent.Kafka;
using Streams.Schemas;

namespace Streams.Ingest.Pump;

/// <summary>
/// The partitions that one client holds. All methods run on the poll thread except <see cref="Snapshot"/>;
/// other threads hand it commands through a queue.
/// </summary>
internal sealed class PumpAssignment
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(5);

    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly WorkServices _services;
    private readonly string _topic;
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _groupCommits;

    // Changed by the poll thread only; concurrent because snapshots read it.
    private readonly ConcurrentDictionary<int, HeldPartition> _held = new();
    private readonly List<Task> _activations = [];
    private bool _paused;
    private long _endsRefreshed;

    // Written by the poll thread, read by snapshots.
    private volatile bool _assigned;

    public PumpAssignment(IConsumer<byte[]?, byte[]?> consumer, WorkServices services)
    {
        (_consumer, _services, _topic) = (consumer, services, services.Decoder.Topic);
        _endsRefreshed = services.Time.GetTimestamp();
        _groupCommits = CommitGroupOffsetsAsync();
    }

    /// <summary>The group has assigned partitions, or none.</summary>
    public bool IsAssigned => _assigned;

    public IReadOnlyList<PartitionStatistics> Snapshot() => [.. _held.Values.Select(held => held.Snapshot()).OrderBy(p => p.Partition)];

    public void RunCommands()
    {
        while (_commands.TryDequeue(out var command))
        {
            command();
        }

        RefreshEnds();
    }

    public void Dispatch(ConsumeResult<byte[]?, byte[]?> record)
    {
        if (!_held.TryGetValue(record.Partition.Value, out var held))
        {
            return;
        }

        held.IsPositioned = true;
        // A partition whose cursor is not acquired yet has no work: its records come again after the seek.
        if ((held.Work ?? TryStart(held, record.Offset.Value)) is not { } work)
        {
            return;
        }

        if (record.IsPartitionEOF)
        {
            work.SkipTo(record.Offset.Value);
        }
        else
        {
            work.Accept(record);
        }
    }

    public IEnumerable<TopicPartitionOffset> Assign(List<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            var held = new HeldPartition(new PartitionId(Topics.LiveRun, _topic, partition.Partition.Value));
            _held[partition.Partition.Value] = held;
            Activate(held, TimeSpan.Zero);
        }

        _assigned = true;
        // Nothing is taken before the cursor is acquired and sought to; at the end, next to nothing is fetched in vain until then.
        return partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End));
    }

    /// <summary>Drains within the limit; longer would hold up the whole group.</summary>
    public void Revoke(List<TopicPartitionOffset> partitions) => Stop(partitions.Select(p => p.Partition.Value));

    public void Lose(List<TopicPartitionOffset> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_held.TryRemove(partition.Partition.Value, out var held))
            {
                held.Released.Cancel();
                _ = held.Work?.AbandonAsync();
                _services.Logger.PartitionLost(held.Id);
            }
        }
    }

    public void Close()
    {
        var works = _held.Values.Select(held => held.Work).OfType<PartitionWork>().ToList();
        Stop([.. _held.Keys]);
        _closing.Cancel();
        _services.Scheduler.Wait(Task.WhenAll(_activations), QueryTimeout);
        // Commits are for lag tools: not worth a hang when the broker is gone.
        _services.Scheduler.Wait(
            _services.Scheduler.Start(async () =>
            {
                await _groupCommits;
                Commit([.. works.Select(work => new TopicPartitionOffset(_topic, work.Id.Partition, work.Watermark))]);
            }),
            TimeSpan.FromSeconds(2));
    }

    public void PauseAll()
    {
        _paused = true;
        _consumer.Pause(_consumer.Assignment);
    }

    public void ResumeAll()
    {
        _paused = false;
        _consumer.Resume(_consumer.Assignment);
    }

    private void Stop(IEnumerable<int> partitions)
    {
        var stopping = new List<Task>();
        foreach (var partition in partitions)
        {
            if (_held.TryRemove(partition, out var held))
            {
                held.Released.Cancel();
                if (held.Work is { } work)
                {
                    stopping.Add(_services.Scheduler.Start(() => StopAsync(work)));
                }
            }
        }

        // A little more than the drain itself, for the cursor's write.
        _services.Scheduler.Wait(Task.WhenAll(stopping), _services.Options.DrainTimeout + TimeSpan.FromSeconds(2));
    }

    private async Task StopAsync(PartitionWork work)
    {
        await work.StopAsync(_services.Options.DrainTimeout);
        _services.Logger.PartitionStopped(work.Id, work.Watermark);
    }

    /// <summary>Acquires the cursor in the background, however long that takes, then seeks to it on the poll thread.</summary>
    private void Activate(HeldPartition held, TimeSpan delay)
    {
        _activations.RemoveAll(task => task.IsCompleted);
        _activations.Add(_services.Scheduler.Start(() => AcquireAsync(held, delay)));
    }

    private async Task AcquireAsync(HeldPartition held, TimeSpan delay)
    {
        var ct = held.Released.Token;
        var backoff = _services.Retries();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(delay, _services.Time, ct);
                var lease = await _services.Cursors.AcquireAsync(held.Id, ct);
                var ends = _consumer.QueryWatermarkOffsets(new TopicPartition(_topic, held.Id.Partition), QueryTimeout);
                var start = StartOf(held.Id, lease, ends);
                held.End = ends.High.Value;
                _commands.Enqueue(() => Begin(held, lease, start));
                return;
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                held.Problem = e.Message;
                _services.Logger.AcquireFailed(held.Id, backoff.Failures + 1, e);
                delay = TimeSpan.Zero;
            }
            catch (Exception)
            {
                return;
            }

            try
            {
                await backoff.WaitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private long StartOf(PartitionId id, PartitionLease lease, WatermarkOffsets ends)
    {
        if (lease.NextOffset < 0)
        {
            return ends.Low.Value;
        }

        if (lease.NextOffset > ends.High.Value)
        {
            throw new CursorBeyondEndException(id, lease.NextOffset, ends.High.Value);
        }

        if (lease.NextOffset < ends.Low.Value)
        {
            _services.Logger.RecordsLost(id, ends.Low.Value - lease.NextOffset, lease.NextOffset, ends.Low.Value);
            return ends.Low.Value;
        }

        return lease.NextOffset;
    }

    private void Begin(HeldPartition held, PartitionLease lease, long start)
    {
        if (held.Released.IsCancellationRequested)
        {
            return;
        }

        held.Acquired = new AcquiredCursor(lease, start);
        // While the client still asks the broker for the end that it was assigned to, a seek would be overwritten by the answer
        // (librdkafka#2256, #5345), and all records in between passed over. The first event shows that it knows.
        if (held.IsPositioned)
        {
            Seek(held, held.Acquired with { IsSought = true });
        }
    }

    /// <summary>
    /// The first event after a seek shows where reading really goes on. Later than the cursor can be right (records compacted away, control records)
    /// or a seek gone wrong; what is passed over is lost for good, so it is believed when a second seek finds the same.
    /// </summary>
    private PartitionWork? TryStart(HeldPartition held, long offset)
    {
        if (held.Acquired is not { } acquired)
        {
            return null;
        }

        if (!acquired.IsSought)
        {
            Seek(held, acquired with { IsSought = true });
            return null;
        }

        if (offset > acquired.Start && offset != acquired.Found)
        {
            _services.Logger.GapAtStart(held.Id, acquired.Start, offset);
            Seek(held, acquired with { Found = offset });
            return null;
        }

        held.Acquired = null;
        var work = new PartitionWork(_services, held.Id, acquired.Lease, acquired.Start);
        held.Work = work;
        held.Problem = null;
        _services.Logger.PartitionStarted(held.Id, acquired.Start, acquired.Lease.Epoch);
        _ = _services.Scheduler.Start(async () =>
        {
            var reason = await work.Halted;
            _commands.Enqueue(() => Rest(held, work, reason));
        });
        return work;
    }

    private void Seek(HeldPartition held, AcquiredCursor acquired)
    {
        try
        {
            _consumer.Seek(new TopicPartitionOffset(_topic, held.Id.Partition, acquired.Start));
            if (!_paused)
            {
                _consumer.Resume([new TopicPartition(_topic, held.Id.Partition)]);
            }

            held.Acquired = acquired;
        }
        catch (KafkaException e)
        {
            held.Acquired = null;
            held.Problem = e.Error.Reason;
            _services.Logger.AcquireFailed(held.Id, 1, e);
            Activate(held, _services.Options.RetryDelay);
        }
    }

    /// <summary>The work stopped by itself though the group says the partition is ours: it is acquired again after a rest.</summary>
    private void Rest(HeldPartition held, PartitionWork work, Exception reason)
    {
        if (held.Released.IsCancellationRequested || held.Work != work)
        {
            return;
        }

        held.Problem = reason.Message;
        held.Work = null;
        held.IsHalted = true;
        _consumer.Pause([new TopicPartition(_topic, held.Id.Partition)]);
        // Another owner keeps what it took; a store that lost its last writes wants them again at once.
        Activate(held, reason is StoreRolledBackException ? _services.Options.RetryDelay : _services.Options.FencedDelay);
    }

    private void RefreshEnds()
    {
        if (_services.Time.GetElapsedTime(_endsRefreshed) < TimeSpan.FromSeconds(1))
        {
            return;
        }

        _endsRefreshed = _services.Time.GetTimestamp();
        foreach (var held in _held.Values)
        {
            var end = _consumer.GetWatermarkOffsets(new TopicPartition(_topic, held.Id.Partition)).High;
            if (held.Work is not null && end != Offset.Unset && end.Value > held.End)
            {
                held.End = end.Value;
            }
        }
    }

    private async Task CommitGroupOffsetsAsync()
    {
        var committed = new Dictionary<int, long>();
        while (!_closing.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(_services.Options.GroupCommitInterval, _services.Time, _closing.Token).Here());
            var moved = _held.Values
                .Where(held => held.Work is { } work && work.Watermark > committed.GetValueOrDefault(held.Id.Partition, -1))
                .Select(held => new TopicPartitionOffset(_topic, held.Id.Partition, held.Work!.Watermark))
                .ToList();
            if (moved.Count == 0 || _closing.IsCancellationRequested)
            {
                continue;
            }

            if (Commit(moved))
            {
                moved.ForEach(offset => committed[offset.Partition.Value] = offset.Offset.Value);
            }
        }
    }

    private bool Commit(List<TopicPartitionOffset> offsets)
    {
        try
        {
            _consumer.Commit(offsets);
            return true;
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            _services.Logger.GroupCommitFailed(_topic, e.Message);
            return false;
        }
    }
}
