using System.Globalization;
using Streams.DevBroker.Producers;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Log;

/// <content>Opening and recovery, rolling, retention, flushing, closing.</content>
internal sealed partial class PartitionLog
{
    private const string LogStartFile = "log-start";

    /// <summary>Opens or creates the log in a directory.</summary>
    /// <param name="directory">The partition's folder.</param>
    /// <param name="config">The topic's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="flushEveryWrite">Whether every append waits for the disk.</param>
    /// <param name="cleanlyStopped">Whether the files were closed in order; if not, the last segment is checked batch by batch.</param>
    public static (PartitionLog Log, long CutBytes) Open(
        string directory, TopicConfig config, TimeProvider time, bool flushEveryWrite, bool cleanlyStopped)
    {
        Directory.CreateDirectory(directory);
        var log = new PartitionLog(directory, config, time, flushEveryWrite);
        long cut = 0;
        var bases = Directory.EnumerateFiles(directory, "*" + LogSegment.LogExtension)
            .Select(path => long.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture))
            .Order()
            .ToList();
        log._logStart = ReadLogStart(directory);
        foreach (long baseOffset in bases)
        {
            // Only the last segment can hold a torn write: the others were flushed when they were closed.
            var (segment, cutHere) = LogSegment.Open(directory, baseOffset, verify: !cleanlyStopped && baseOffset == bases[^1]);
            log._segments.Add(segment);
            cut += cutHere;
        }

        if (bases.Count == 0)
            log._segments.Add(LogSegment.Create(directory, log._logStart));
        log._logStart = Math.Min(Math.Max(log._logStart, log._segments[0].BaseOffset), log.Active.NextOffset);
        log.RestoreProducers();
        return (log, cut);
    }

    /// <summary>Deletes what the topic's limits by age and size no longer keep; returns the number of segments deleted.</summary>
    public int EnforceRetention()
    {
        lock (_lock)
        {
            if (_closed)
                return 0;
            long expired = _config.RetentionMs < 0 ? long.MinValue : NowMs - _config.RetentionMs;
            if (Active.Size > 0 && Active.MaxTimestamp < expired)
                Roll();
            int deleted = 0;
            long total = _segments.Sum(segment => segment.Size);
            while (_segments.Count > 1 && (_segments[0].MaxTimestamp < expired || IsTooLarge(total - _segments[0].Size)))
            {
                total -= _segments[0].Size;
                _segments[0].Delete();
                _segments.RemoveAt(0);
                _logStart = Math.Max(_logStart, _segments[0].BaseOffset);
                deleted++;
            }

            _transactions.Trim(_logStart);
            return deleted;
        }
    }

    public void ForgetIdleProducers(TimeSpan idle)
    {
        lock (_lock)
            _producers.Forget(NowMs - (long)idle.TotalMilliseconds, _transactions.IsOpen);
    }

    /// <summary>Moves the start of the log forward for good (-1: to its end) and deletes segments that lie wholly before it.</summary>
    public (ErrorCode Error, long LogStart) DeleteRecordsBefore(long offset)
    {
        lock (_lock)
        {
            if (_closed)
                return (ErrorCode.UnknownTopicOrPartition, -1);
            if (offset == -1)
                offset = Active.NextOffset;
            if (offset < 0 || offset > Active.NextOffset)
                return (ErrorCode.OffsetOutOfRange, -1);
            if (offset <= _logStart)
                return (ErrorCode.None, _logStart);
            AtomicFile.Write(Path.Combine(_directory, LogStartFile), System.Text.Encoding.ASCII.GetBytes(offset.ToString(CultureInfo.InvariantCulture)));
            _logStart = offset;
            if (Active.Size > 0 && Active.NextOffset == offset)
                Roll();
            while (_segments.Count > 1 && _segments[1].BaseOffset <= offset)
            {
                _segments[0].Delete();
                _segments.RemoveAt(0);
            }

            _transactions.Trim(_logStart);
            return (ErrorCode.None, _logStart);
        }
    }

    public void Flush()
    {
        FileSlice? unflushed;
        lock (_lock)
            unflushed = _closed ? null : Active.TakeUnflushed();
        using (unflushed)
            unflushed?.FlushToDisk();
    }

    /// <summary>Flushes and notes the producers' states, so that the next start has nothing to check.</summary>
    public void PrepareStop()
    {
        lock (_lock)
        {
            if (_closed)
                return;
            Active.Flush();
            ProducerSnapshot.Write(_directory, Active.NextOffset, _producers, _transactions);
        }
    }

    private static long ReadLogStart(string directory)
    {
        string path = Path.Combine(directory, LogStartFile);
        return File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out long start) ? start : 0;
    }

    private bool IsTooLarge(long bytesLeft) => _config.RetentionBytes >= 0 && bytesLeft >= _config.RetentionBytes;

    private void Roll()
    {
        Active.Flush();
        ProducerSnapshot.Write(_directory, Active.NextOffset, _producers, _transactions);
        _segments.Add(LogSegment.Create(_directory, Active.NextOffset));
    }

    private void RestoreProducers()
    {
        long from = ProducerSnapshot.Load(_directory, Active.NextOffset, _producers, _transactions);
        foreach (var segment in _segments)
        {
            if (segment.NextOffset <= from)
                continue;
            long position = from <= segment.BaseOffset ? 0 : segment.FindOffset(from, out _);
            while (position >= 0 && segment.TryReadHeader(position, out var header))
            {
                Replay_NeedsLock(segment, position, header);
                position += header.TotalSize;
            }
        }

        _transactions.Trim(_logStart);
    }
}
