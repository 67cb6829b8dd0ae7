using System.Buffers;
using Streams.DevBroker.Producers;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Log;

/// <summary>
/// The log of one partition: a list of segments, the states of its idempotent producers and of their transactions, and the
/// fetches that wait for more. One lock guards it all; only planning happens under it for reads, the bytes are sent outside.
/// </summary>
internal sealed partial class PartitionLog : IDisposable
{
    /// <summary>There is one broker and it leads every partition for ever.</summary>
    public const int LeaderEpoch = 0;

    private readonly Lock _lock = new();
    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly bool _flushEveryWrite;
    private readonly List<LogSegment> _segments = [];
    private readonly ProducerStates _producers = new();
    private readonly PartitionTransactions _transactions = new();
    private readonly HashSet<FetchWaiter> _waiters = [];
    private TopicConfig _config;
    private long _logStart;
    private bool _closed;

    private PartitionLog(string directory, TopicConfig config, TimeProvider time, bool flushEveryWrite)
    {
        _directory = directory;
        _config = config;
        _time = time;
        _flushEveryWrite = flushEveryWrite;
    }

    public long HighWatermark
    {
        get
        {
            lock (_lock)
                return Active.NextOffset;
        }
    }

    public long LogStart
    {
        get
        {
            lock (_lock)
                return _logStart;
        }
    }

    /// <summary>The end of what is settled: every transaction with records before it has ended.</summary>
    public long LastStableOffset
    {
        get
        {
            lock (_lock)
                return LastStable_NeedsLock;
        }
    }

    private LogSegment Active => _segments[^1];

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Configure(TopicConfig config)
    {
        lock (_lock)
            _config = config;
    }

    /// <summary>Checks and appends one batch as it was received. The array is patched in place: it belongs to the request.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="produceVersion">The version of the request, which decides what a client may send.</param>
    /// <param name="inTransaction">Whether the transaction coordinator vouches for a transactional batch.</param>
    public AppendResult Append(Span<byte> batch, short produceVersion, bool inTransaction = false)
    {
        FetchWaiter[] waiters;
        AppendResult result;
        lock (_lock)
        {
            if (_closed)
                return AppendResult.Failed(ErrorCode.UnknownTopicOrPartition);
            var (error, message) = RecordBatchValidator.Validate(batch, _config.MaxMessageBytes, produceVersion, out var header);
            if (error != ErrorCode.None)
                return AppendResult.Failed(error, message);
            if (header.IsTransactional && !inTransaction)
                return AppendResult.Failed(ErrorCode.TransactionalIdAuthorizationFailed, "a transactional batch needs the transactional id of its producer in the request");
            if (header.HasProducer)
            {
                if (!header.IsTransactional && _transactions.IsOpen(header.ProducerId))
                    return AppendResult.Failed(ErrorCode.InvalidTxnState, $"producer {header.ProducerId} has an open transaction here, this batch is outside of it");
                var (refused, writtenAt) = _producers.Check(header);
                if (refused != ErrorCode.None)
                    return AppendResult.Failed(refused, $"producer {header.ProducerId} epoch {header.ProducerEpoch} sequence {header.BaseSequence} does not follow what it wrote before");
                if (writtenAt is { } offset)
                    return new(ErrorCode.None, null, offset, -1, _logStart);
            }

            result = Write(batch, header);
            waiters = [.. _waiters];
        }

        foreach (var waiter in waiters)
            waiter.Signal();
        return result;
    }

    public void AddWaiter(FetchWaiter waiter)
    {
        lock (_lock)
            _waiters.Add(waiter);
    }

    public void RemoveWaiter(FetchWaiter waiter)
    {
        lock (_lock)
            _waiters.Remove(waiter);
    }

    /// <summary>Plans a read: whole batches from the one that holds the offset, at most <paramref name="maxBytes"/> of them.</summary>
    /// <param name="offset">Where to read from.</param>
    /// <param name="maxBytes">The limit in bytes.</param>
    /// <param name="firstBatchAnyway">Give the first batch whole even if it exceeds the limit, so that a client gets past it.</param>
    /// <param name="committedOnly">End before the first open transaction, and tell which transactions were aborted.</param>
    public ReadResult Read(long offset, int maxBytes, bool firstBatchAnyway, bool committedOnly = false)
    {
        lock (_lock)
        {
            if (_closed)
                return ReadResult.Failed(ErrorCode.UnknownTopicOrPartition);
            long highWatermark = Active.NextOffset, stable = LastStable_NeedsLock;
            if (offset < _logStart || offset > highWatermark)
                return ReadResult.Failed(ErrorCode.OffsetOutOfRange, highWatermark, stable, _logStart);
            long end = committedOnly ? stable : highWatermark;
            for (int i = SegmentOf(offset); offset < end && i < _segments.Count; i++)
            {
                var segment = _segments[i];
                long position = segment.FindOffset(offset, out var first);
                if (position < 0)
                    continue;
                if (first.TotalSize > maxBytes && !firstBatchAnyway)
                    break;
                long until = Math.Max(position + first.TotalSize, segment.AlignDown(position, position + Math.Max(0, maxBytes)));
                if (end < segment.NextOffset)
                    until = Math.Min(until, segment.FindOffset(end, out _));
                int length = (int)Math.Min(until - position, int.MaxValue);
                var aborted = committedOnly ? _transactions.AbortedBetween(offset, segment.OffsetAt(position + length)) : null;
                return new(ErrorCode.None, highWatermark, stable, _logStart, segment.Slice(position, length), aborted);
            }

            return new(ErrorCode.None, highWatermark, stable, _logStart, null, committedOnly ? [] : null);
        }
    }

    /// <summary>
    /// The first record at or after a timestamp, (-1, -1) when there is none. In a batch compressed otherwise than with gzip,
    /// which is not opened, it is the batch's first record: never later than asked, earlier by less than one batch.
    /// </summary>
    public (long Offset, long Timestamp) OffsetForTimestamp(long timestamp)
    {
        byte[] batch;
        RecordBatchHeader header;
        long logStart;
        lock (_lock)
        {
            logStart = _logStart;
            if (FindTimestamp_NeedsLock(timestamp, out header) is not var (segment, position))
                return (-1, -1);
            if (!TimestampSearch.NeedsRecords(header, timestamp))
                return TimestampSearch.WithoutRecords(header, logStart);
            batch = segment.RentBatch(position, header);
        }

        // Outside the lock: unpacking takes its time.
        try
        {
            return TimestampSearch.InRecords(batch, header, timestamp, logStart);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    /// <summary>The record with the largest timestamp, (-1, -1) in an empty log.</summary>
    public (long Offset, long Timestamp) OffsetOfMaxTimestamp()
    {
        long largest;
        lock (_lock)
            largest = _segments.Max(segment => segment.MaxTimestamp);
        return largest == long.MinValue ? (-1, -1) : OffsetForTimestamp(largest);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _segments.ForEach(segment => segment.Dispose());
            foreach (var waiter in _waiters)
                waiter.Signal();
        }
    }

    private AppendResult Write(Span<byte> batch, in RecordBatchHeader received)
    {
        long baseOffset = Active.NextOffset, stamp = -1;
        try
        {
            if (Active.Size > 0 && Active.Size + batch.Length > _config.SegmentBytes)
                Roll();
            RecordBatchHeader.PatchOffset(batch, baseOffset, LeaderEpoch);
            if (_config.UsesLogAppendTime)
                RecordBatchHeader.PatchLogAppendTime(batch, stamp = NowMs);
            var header = received with { BaseOffset = baseOffset, MaxTimestamp = stamp < 0 ? received.MaxTimestamp : stamp };
            Active.Append(batch, header);
            Note_NeedsLock(header, batch);
            if (_flushEveryWrite)
                Active.Flush();
            return new(ErrorCode.None, null, baseOffset, stamp, _logStart);
        }
        catch (IOException failure)
        {
            return AppendResult.Failed(ErrorCode.KafkaStorageError, failure.Message);
        }
    }

    private int SegmentOf(long offset)
    {
        int low = 0, high = _segments.Count - 1;
        while (low < high)
        {
            int middle = low + ((high - low + 1) / 2);
            if (_segments[middle].BaseOffset <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private (LogSegment Segment, long Position)? FindTimestamp_NeedsLock(long timestamp, out RecordBatchHeader header)
    {
        foreach (var segment in _segments)
        {
            if (segment.MaxTimestamp < timestamp)
                continue;
            long position = segment.FindTimestamp(timestamp, _logStart, out header);
            if (position >= 0)
                return (segment, position);
        }

        header = default;
        return null;
    }
}
