using System.Buffers;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Log;

/// <content>Transactions: markers, what is open, the last stable offset.</content>
internal sealed partial class PartitionLog
{
    /// <summary>The ids of the producers whose transactions are open here.</summary>
    public IReadOnlyList<long> OpenTransactions
    {
        get
        {
            lock (_lock)
                return [.. _transactions.Open.Keys];
        }
    }

    public IReadOnlyList<ActiveProducer> DescribeProducers()
    {
        lock (_lock)
        {
            return [.. _producers.Entries.Select(entry => new ActiveProducer(
                entry.ProducerId, entry.Epoch, entry.LastSequence, entry.LastWriteMs, _transactions.Open.GetValueOrDefault(entry.ProducerId, -1)))];
        }
    }

    private long LastStable_NeedsLock => Math.Max(_logStart, Math.Min(_transactions.FirstUnstable, Active.NextOffset));

    /// <summary>Ends a transaction here.</summary>
    /// <param name="marker">Whose, and how.</param>
    /// <param name="onlyIfOpen">Write nothing when the transaction has ended here already, or wrote nothing.</param>
    public ErrorCode AppendMarker(in TransactionMarker marker, bool onlyIfOpen)
    {
        byte[] batch = marker.Encode(NowMs);
        FetchWaiter[] waiters;
        lock (_lock)
        {
            if (_closed)
                return ErrorCode.UnknownTopicOrPartition;
            if (onlyIfOpen && !_transactions.IsOpen(marker.ProducerId))
                return ErrorCode.None;
            if (Write(batch, RecordBatchHeader.Parse(batch)).Error is var error and not ErrorCode.None)
                return error;
            waiters = [.. _waiters];
        }

        foreach (var waiter in waiters)
            waiter.Signal();
        return ErrorCode.None;
    }

    /// <summary>Ends a transaction that no coordinator knows of, with the epoch that its producer has here.</summary>
    public ErrorCode AbortOrphan(long producerId)
    {
        short epoch;
        lock (_lock)
            epoch = _producers.Find(producerId)?.Epoch ?? 0;
        return AppendMarker(new(producerId, epoch, Committed: false), onlyIfOpen: true);
    }

    /// <summary>What a batch that is in the log means for producers and transactions.</summary>
    private void Note_NeedsLock(in RecordBatchHeader header, ReadOnlySpan<byte> batch)
    {
        if (header.IsControl)
        {
            _producers.RecordMarker(header, NowMs);
            _transactions.RecordMarker(header, TransactionMarker.IsCommit(batch));
            return;
        }

        _producers.Record(header, NowMs);
        if (header.IsTransactional)
            _transactions.Record(header);
    }

    /// <summary>The same for a batch that was found in the log at the start: only markers need to be read whole.</summary>
    private void Replay_NeedsLock(LogSegment segment, long position, in RecordBatchHeader header)
    {
        if (!header.IsControl)
        {
            Note_NeedsLock(header, []);
            return;
        }

        byte[] batch = segment.RentBatch(position, header);
        try
        {
            Note_NeedsLock(header, batch.AsSpan(0, header.TotalSize));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(batch);
        }
    }
}
