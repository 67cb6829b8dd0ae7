namespace Streams.DevBroker.Transactions;

/// <content>Transactions that are open for too long, ends that failed, transactional ids that nobody uses.</content>
internal sealed partial class TransactionCoordinator
{
    private const int RetryMs = 1000;
    private const long Never = long.MaxValue;
    private readonly ITimer _timer;

    /// <summary>Held while the timer works, so that closing waits for it.</summary>
    private readonly Lock _expiring = new();

    /// <summary>Guards the time the timer is set to; taken last of all.</summary>
    private readonly Lock _arming = new();

    private readonly long _epoch;
    private long _nextDueMs = Never;
    private bool _disposed;

    /// <summary>Time since the start of this coordinator, which no change of the wall clock touches.</summary>
    private long NowMs => (long)_time.GetElapsedTime(_epoch).TotalMilliseconds;

    /// <summary>Forgets transactional ids without a transaction that have been idle for too long.</summary>
    public void RemoveExpired()
    {
        long idleSince = WallMs - (long)_options.TransactionalIdRetention.TotalMilliseconds;
        foreach (var (name, id) in _ids)
        {
            lock (id.Lock)
            {
                if (id.Metadata.State == TransactionState.Ongoing || id.Metadata.IsPrepared || id.Metadata.UpdatedMs >= idleSince)
                    continue;
                Save_NeedsLock(id, id.Metadata with { State = TransactionState.Dead });
                _ids.TryRemove(KeyValuePair.Create(name, id));
            }

            _logger.TransactionalIdExpired(name);
        }
    }

    public void Dispose()
    {
        lock (_expiring)
        {
            lock (_arming)
                _disposed = true;
        }

        _timer.Dispose();
        _store.Dispose();
    }

    private void StartTimeout_NeedsLock(TransactionalId id, long inMs)
    {
        id.DeadlineMs = NowMs + inMs;
        Arm(id.DeadlineMs);
    }

    private void Arm(long dueMs)
    {
        lock (_arming)
        {
            if (_disposed || dueMs >= _nextDueMs)
                return;
            _nextDueMs = dueMs;
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, dueMs - NowMs)), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_expiring)
        {
            lock (_arming)
            {
                if (_disposed)
                    return;
                _nextDueMs = Never;
            }

            long next = Never;
            foreach (var id in _ids.Values)
            {
                lock (id.Lock)
                    next = Math.Min(next, Expire_NeedsLock(id));
            }

            Arm(next);
        }
    }

    /// <summary>Does what is due; tells when the next thing will be.</summary>
    private long Expire_NeedsLock(TransactionalId id)
    {
        bool isOpen = id.Metadata.State == TransactionState.Ongoing;
        if (!isOpen && !id.Metadata.IsPrepared)
            return Never;
        if (NowMs < id.DeadlineMs)
            return id.DeadlineMs;
        if (isOpen)
            _logger.TransactionTimedOut(id.Metadata.TransactionalId, id.Metadata.TimeoutMs);
        bool decided = !isOpen || Guard(() => Fence_NeedsLock(id), static _ => false);
        if (decided && Complete_NeedsLock(id))
            return Never;
        StartTimeout_NeedsLock(id, RetryMs);
        return id.DeadlineMs;
    }
}
