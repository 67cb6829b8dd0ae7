using Confluent.Kafka;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Pump;

/// <summary>
/// Processes the records of one partition under one lease: in order per key, keys in parallel, with a watermark below which all is done.
/// The thread that reads the broker calls <see cref="Accept"/>, which never waits. Live pumps and replays share this code.
/// </summary>
internal sealed class PartitionWork
{
    // Managed objects around a record's bytes, so that a flood of empty records counts too.
    private const int RecordOverheadBytes = 512;

    private readonly WorkServices _services;
    private readonly PartitionLease _lease;
    private readonly OffsetLedger _ledger;
    private readonly LaneRunner _runner;
    private readonly SharedRunner? _sharedRunner;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly IPartitionPublisher _publisher;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _checkpoints;

    // Guarded by _gate.
    private readonly Dictionary<string, Lane> _lanes = [];
    private Lane? _badKeys;
    private Lane? _shared;
    private int _running;
    private bool _closed;

    // Written by the lanes, reset by the checkpoint loop.
    private int _unsaved;
    private volatile TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The stored cursor, and when the store was last heard of. Written by the checkpoint loop, and after its end by whoever stops the work;
    // read by the lanes.
    private long _saved;
    private long _heard;

    public PartitionWork(WorkServices services, PartitionId id, PartitionLease lease, long start)
    {
        (_services, Id, _lease, _saved) = (services, id, lease, lease.NextOffset);
        _ledger = new OffsetLedger(start);
        _publisher = services.Results.Open(id);
        _heard = services.Time.GetTimestamp();
        _runner = new LaneRunner(services, this);
        _sharedRunner = services.SharesCalls ? new SharedRunner(services, this, _runner) : null;
        _checkpoints = RunCheckpointsAsync();
    }

    public PartitionId Id { get; }

    public PartitionLease Lease => _lease;

    public long Epoch => _lease.Epoch;

    /// <summary>Where the results of the partition's records go.</summary>
    internal IPartitionPublisher Publisher => _publisher;

    /// <summary>The cursor as it is stored.</summary>
    internal long SavedCursor => Interlocked.Read(ref _saved);

    public long Watermark => _ledger.Watermark;

    public int Outstanding => _ledger.Outstanding;

    /// <summary>Age of the oldest record that is not done; zero when all that was taken is done.</summary>
    public TimeSpan LagTime
    {
        get
        {
            // The broker's clock may be ahead.
            var age = _ledger.Oldest is { } oldest ? _services.Time.GetUtcNow() - oldest : TimeSpan.Zero;
            return age < TimeSpan.Zero ? TimeSpan.Zero : age;
        }
    }

    /// <summary>Completes with the reason when the work stopped by itself: another owner, or a defect.</summary>
    public Task<Exception> Halted => _halted.Task;

    /// <summary>Cancelled when no further call may begin.</summary>
    internal CancellationToken Draining => _drain.Token;

    /// <summary>Cancelled when calls in progress are given up.</summary>
    internal CancellationToken Aborting => _abort.Token;

    /// <summary>Takes charge of a record; false when it is not wanted: done before, or the work is closed.</summary>
    public bool Accept(ConsumeResult<byte[]?, byte[]?> record)
    {
        var bytes = (record.Message.Key?.Length ?? 0) + (record.Message.Value?.Length ?? 0) + RecordOverheadBytes;
        var key = _sharedRunner is null ? KeyOf(record) : null;
        Lane lane;
        lock (_gate)
        {
            if (_closed || record.Offset.Value < _ledger.Position)
            {
                return false;
            }

            _ledger.Track(record.Offset.Value, new DateTimeOffset(record.Message.Timestamp.UtcDateTime, TimeSpan.Zero));
            lane = _sharedRunner is null ? LaneOf(key, out var start) : SharedLane(out start);
            Enqueue(lane, new PendingRecord(record, bytes, _services.Time.GetTimestamp()));
            if (start)
            {
                Start(lane);
            }
            else if (IsFull(lane))
            {
                lane.Full?.TrySetResult();
            }
        }

        _services.Budget.Take(bytes);
        _services.Counters.AddConsumed();
        return true;
    }

    /// <summary>The reader knows that nothing else lies below <paramref name="position"/>.</summary>
    public void SkipTo(long position) => _ledger.SkipTo(position);

    /// <summary>
    /// Begins no further call, gives those in progress <paramref name="patience"/>, then writes the cursor.
    /// </summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await CloseAsync();
        try
        {
            await _idle.Task.Here().WaitAsync(patience, _services.Time);
        }
        catch (TimeoutException)
        {
            _services.Logger.DrainTimedOut(Id, Outstanding, patience);
        }

        await _services.Scheduler.CancelAsync(_abort);
        await _checkpoints;
        if (!_halted.Task.IsCompleted)
        {
            using var limit = new CancellationTokenSource(patience + TimeSpan.FromSeconds(1), _services.Time);
            await SaveAsync(limit.Token);
        }

        await _publisher.DisposeAsync();
    }

    /// <summary>Stops at once and writes nothing more: the partition belongs to somebody else.</summary>
    public async Task AbandonAsync()
    {
        await CloseAsync();
        await _services.Scheduler.CancelAsync(_abort);
        await _checkpoints;
        await _publisher.DisposeAsync();
    }

    /// <summary>
    /// Writes the cursor if it moved; else, every now and then, asks whether the lease still holds, so that a store that lost its last writes
    /// is noticed without traffic. Failures are logged; the next time is soon.
    /// </summary>
    public async Task SaveAsync(CancellationToken ct)
    {
        var watermark = _ledger.Watermark;
        try
        {
            if (watermark > _saved)
            {
                await _services.Cursors.AdvanceAsync(Id, _lease, watermark, ct);
                Interlocked.Exchange(ref _saved, watermark);
            }
            else if (_services.Time.GetElapsedTime(_heard) >= _services.Options.VerifyInterval)
            {
                await _services.Cursors.VerifyAsync(Id, _lease, ct);
            }
            else
            {
                return;
            }

            _heard = _services.Time.GetTimestamp();
        }
        catch (Exception e) when (e is StaleEpochException or StoreRolledBackException)
        {
            Halt(e);
        }
        catch (Exception e) when (e is not OperationCanceledException || ct.IsCancellationRequested)
        {
            _services.Logger.CheckpointFailed(Id, watermark, e);
        }
    }

    /// <summary>Stops the lanes without writing anything.</summary>
    internal void Halt(Exception reason)
    {
        if (_halted.TrySetResult(reason))
        {
            _services.Logger.PartitionHalted(Id, Epoch, reason);
            _ = AbandonAsync();
        }
    }

    internal bool TryPeek(Lane lane, out PendingRecord record)
    {
        lock (_gate)
        {
            return lane.Waiting.TryPeek(out record);
        }
    }

    /// <summary>The first record leaves the queue; decoding it took <paramref name="decodedBytes"/> more of the budget.</summary>
    internal void Take(Lane lane, PendingRecord record, long decodedBytes)
    {
        lock (_gate)
        {
            lane.Waiting.Dequeue();
            lane.WaitingBytes -= record.Bytes;
            lane.HeldBytes += decodedBytes;
        }

        if (decodedBytes > 0)
        {
            _services.Budget.Take(decodedBytes);
        }
    }

    /// <summary>
    /// The first records leave the queue of the lane that keys share, as many as make a batch. Those of keys that have a lane of their own at the
    /// moment go there.
    /// </summary>
    internal List<PendingRecord> TakeBatch(Lane shared)
    {
        var taken = new List<PendingRecord>();
        lock (_gate)
        {
            for (var bytes = 0L; taken.Count < _services.Options.MaxSharedBatchRecords && bytes < _services.Options.MaxBatchBytes && shared.Waiting.TryDequeue(out var next);)
            {
                shared.WaitingBytes -= next.Bytes;
                if (_lanes.Count > 0 && KeyOf(next.Record) is { } key && _lanes.TryGetValue(key, out var own))
                {
                    shared.HeldBytes -= next.Bytes;
                    Enqueue(own, next);
                }
                else
                {
                    bytes += next.Bytes;
                    taken.Add(next);
                }
            }
        }

        return taken;
    }

    /// <summary>Records taken from the lane that keys share go to the lane of their key (null: it is not valid), which later ones follow until it is empty.</summary>
    internal void Divert(Lane shared, string? key, List<PendingRecord> records)
    {
        lock (_gate)
        {
            var lane = LaneOf(key, out var start);
            foreach (var record in records)
            {
                shared.HeldBytes -= record.Bytes;
                Enqueue(lane, record);
            }

            if (start)
            {
                Start(lane);
            }
        }
    }

    /// <summary>The call is done: its offsets count, its bytes are free.</summary>
    internal void Complete(Lane lane, List<long> offsets, long bytes)
    {
        _ledger.Complete(offsets);
        lock (_gate)
        {
            lane.HeldBytes -= bytes;
        }

        _services.Budget.Give(bytes);
        if (Interlocked.Add(ref _unsaved, offsets.Count) >= _services.Options.CheckpointRecords)
        {
            _hurry.TrySetResult();
        }
    }

    /// <summary>What completes when a batch is there, or null when there is no need to wait.</summary>
    internal Task? WhenFull(Lane lane, out TimeSpan linger)
    {
        linger = TimeSpan.Zero;
        lock (_gate)
        {
            if (IsFull(lane) || !lane.Waiting.TryPeek(out var first))
            {
                return null;
            }

            linger = _services.Options.Linger - _services.Time.GetElapsedTime(first.Arrived);
            if (linger <= TimeSpan.Zero)
            {
                return null;
            }

            lane.Full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return lane.Full.Task;
        }
    }

    /// <summary>Ends <paramref name="lane"/> when nothing waits in it, or unconditionally.</summary>
    internal bool TryRetire(Lane lane, bool always)
    {
        lock (_gate)
        {
            if (!always && lane.Waiting.Count > 0)
            {
                return false;
            }

            if (lane == _shared)
            {
                _shared = null;
            }
            else if (lane.Key is null)
            {
                _badKeys = null;
            }
            else
            {
                _lanes.Remove(lane.Key);
            }

            _services.Budget.Give(lane.HeldBytes);
            lane.HeldBytes = 0;
            if (--_running == 0 && _closed)
            {
                _idle.TrySetResult();
            }

            return true;
        }
    }

    private static string? KeyOf(ConsumeResult<byte[]?, byte[]?> record)
    {
        try
        {
            return EventEnvelope.DecodeKey(record.Message.Key);
        }
        catch (RecordFormatException)
        {
            // Found again, with its reason, when the record's turn comes.
            return null;
        }
    }

    private Lane LaneOf(string? key, out bool isNew)
    {
        isNew = false;
        if (key is null)
        {
            isNew = _badKeys is null;
            return _badKeys ??= new Lane(null);
        }

        if (!_lanes.TryGetValue(key, out var lane))
        {
            isNew = true;
            _lanes[key] = lane = new Lane(key);
        }

        return lane;
    }

    private Lane SharedLane(out bool isNew)
    {
        isNew = _shared is null;
        return _shared ??= new Lane(null);
    }

    private static void Enqueue(Lane lane, PendingRecord record)
    {
        lane.Waiting.Enqueue(record);
        lane.WaitingBytes += record.Bytes;
        lane.HeldBytes += record.Bytes;
    }

    private void Start(Lane lane)
    {
        _running++;
        var isShared = lane == _shared;
        _ = _services.Scheduler.Start(() => isShared ? _sharedRunner!.RunAsync(lane) : _runner.RunAsync(lane));
    }

    private bool IsFull(Lane lane) =>
        lane.Waiting.Count >= (lane == _shared ? _services.Options.MaxSharedBatchRecords : _services.Options.MaxBatchRecords)
        || lane.WaitingBytes >= _services.Options.MaxBatchBytes;

    private async Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (_running == 0)
            {
                _idle.TrySetResult();
            }
        }

        await _services.Scheduler.CancelAsync(_drain);
    }

    private async Task RunCheckpointsAsync()
    {
        while (!_drain.IsCancellationRequested)
        {
            // The delay ends early, never with an exception, when the work closes.
            await Task.WhenAny(Task.Delay(_services.Options.CheckpointInterval, _services.Time, _drain.Token).Here(), _hurry.Task.Here());
            if (_drain.IsCancellationRequested)
            {
                return;
            }

            _hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _unsaved, 0);
            await SaveAsync(_abort.Token);
        }
    }
}
