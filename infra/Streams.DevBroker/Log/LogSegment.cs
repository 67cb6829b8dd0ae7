using System.Buffers;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Log;

/// <summary>One append-only file of record batches with its sparse index. Guarded by the partition's lock.</summary>
internal sealed class LogSegment : IDisposable
{
    public const string LogExtension = ".log";
    private const string IndexExtension = ".index";
    private const int IndexIntervalBytes = 4096;
    private readonly string _logPath;
    private readonly string _indexPath;
    private readonly SafeFileHandle _file;
    private readonly SegmentIndex _index;
    private long _lastIndexedPosition;
    private bool _dirty;

    private LogSegment(string directory, long baseOffset)
    {
        BaseOffset = baseOffset;
        NextOffset = baseOffset;
        string name = baseOffset.ToString("D20", CultureInfo.InvariantCulture);
        _logPath = Path.Combine(directory, name + LogExtension);
        _indexPath = Path.Combine(directory, name + IndexExtension);
        _file = File.OpenHandle(_logPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _index = new SegmentIndex(_indexPath);
    }

    public long BaseOffset { get; }

    public long NextOffset { get; private set; }

    public long Size { get; private set; }

    /// <summary>The largest timestamp in the segment; the smallest number when it is empty.</summary>
    public long MaxTimestamp { get; private set; } = long.MinValue;

    public static LogSegment Create(string directory, long baseOffset)
    {
        var segment = new LogSegment(directory, baseOffset);
        RandomAccess.SetLength(segment._file, 0);
        segment._index.Clear();
        return segment;
    }

    /// <summary>
    /// Opens an existing segment. With <paramref name="verify"/> every batch is checked and what follows the last good one
    /// (a write torn by a crash) is cut off; returns how many bytes that were.
    /// </summary>
    public static (LogSegment Segment, long CutBytes) Open(string directory, long baseOffset, bool verify)
    {
        var segment = new LogSegment(directory, baseOffset);
        long size = RandomAccess.GetLength(segment._file);
        if (!verify && segment.TryLoadFromIndex(size))
            return (segment, 0);
        return (segment, segment.Verify(size));
    }

    public void Append(ReadOnlySpan<byte> batch, in RecordBatchHeader header)
    {
        try
        {
            RandomAccess.Write(_file, batch, Size);
        }
        catch (IOException)
        {
            // A full disk may have taken a part of it: the next append must not leave that part inside the log.
            RandomAccess.SetLength(_file, Size);
            throw;
        }

        _dirty = true;
        Account(header, Size);
    }

    public bool TryReadHeader(long position, out RecordBatchHeader header)
    {
        header = default;
        if (position + RecordBatchHeader.Size > Size)
            return false;
        header = ReadHeader(position);
        return true;
    }

    /// <summary>The position of the first batch whose last offset is at or after <paramref name="offset"/>; -1 past the end.</summary>
    public long FindOffset(long offset, out RecordBatchHeader header)
    {
        for (long at = _index.PositionForOffset(offset); TryReadHeader(at, out header); at += header.TotalSize)
        {
            if (header.LastOffset >= offset)
                return at;
        }

        return -1;
    }

    /// <summary>The position of the first batch from an offset on that reaches a timestamp; -1 when none does.</summary>
    public long FindTimestamp(long timestamp, long fromOffset, out RecordBatchHeader header)
    {
        for (long at = _index.PositionForTimestamp(timestamp); TryReadHeader(at, out header); at += header.TotalSize)
        {
            if (header.MaxTimestamp >= timestamp && header.LastOffset >= fromOffset)
                return at;
        }

        return -1;
    }

    /// <summary>The last batch boundary at or before <paramref name="limit"/>, so that no client gets half a batch.</summary>
    public long AlignDown(long start, long limit)
    {
        if (limit >= Size)
            return Size;
        long at = Math.Max(start, _index.PositionAtOrBefore(limit));
        while (TryReadHeader(at, out var header) && at + header.TotalSize <= limit)
            at += header.TotalSize;
        return at;
    }

    /// <summary>The offset of the batch that begins at a position; at the end of the segment, the offset behind its last.</summary>
    public long OffsetAt(long position) => TryReadHeader(position, out var header) ? header.BaseOffset : NextOffset;

    public FileSlice Slice(long position, int length) => new(_file, position, length);

    /// <summary>Reads one whole batch into a pooled array that the caller returns to the pool.</summary>
    public byte[] RentBatch(long position, in RecordBatchHeader header)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(header.TotalSize);
        if (ReadFully(buffer.AsSpan(0, header.TotalSize), position))
            return buffer;
        ArrayPool<byte>.Shared.Return(buffer);
        throw new IOException($"'{_logPath}' ends inside the batch at position {position}.");
    }

    /// <summary>What must be flushed to disk, if anything; the caller flushes it outside the partition's lock.</summary>
    public FileSlice? TakeUnflushed()
    {
        if (!_dirty)
            return null;
        _dirty = false;
        return new FileSlice(_file, 0, 0);
    }

    public void Flush()
    {
        using var unflushed = TakeUnflushed();
        unflushed?.FlushToDisk();
    }

    public void Delete()
    {
        Dispose();
        File.Delete(_logPath);
        File.Delete(_indexPath);
    }

    public void Dispose()
    {
        _file.Dispose();
        _index.Dispose();
    }

    private RecordBatchHeader ReadHeader(long position)
    {
        Span<byte> bytes = stackalloc byte[RecordBatchHeader.Size];
        if (!ReadFully(bytes, position))
            throw new IOException($"'{_logPath}' is shorter than the {Size} bytes written to it.");
        return RecordBatchHeader.Parse(bytes);
    }

    private bool ReadFully(Span<byte> destination, long position)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_file, destination, position);
            if (read <= 0)
                return false;
            destination = destination[read..];
            position += read;
        }

        return true;
    }

    private void Account(in RecordBatchHeader header, long position)
    {
        if (position - _lastIndexedPosition >= IndexIntervalBytes)
        {
            _index.Append(new(header.BaseOffset, MaxTimestamp, position));
            _lastIndexedPosition = position;
        }

        Size = position + header.TotalSize;
        NextOffset = header.LastOffset + 1;
        MaxTimestamp = Math.Max(MaxTimestamp, header.MaxTimestamp);
    }

    private bool TryLoadFromIndex(long size)
    {
        if (!_index.TryLoad(size))
            return false;
        var last = _index.Last;
        Size = size;
        NextOffset = Math.Max(BaseOffset, last.Offset);
        MaxTimestamp = last.MaxTimestampBefore;
        _lastIndexedPosition = last.Position;
        long at = last.Position;
        while (TryReadHeader(at, out var header))
        {
            if (!IsPlausible(header) || header.BatchLength > size - at - RecordBatchHeader.LengthPrefix)
                return false;
            at += header.TotalSize;
            NextOffset = header.LastOffset + 1;
            MaxTimestamp = Math.Max(MaxTimestamp, header.MaxTimestamp);
        }

        return at == size;
    }

    // Offsets within a segment have no gaps, and the checksum does not cover the base offset: it must be the very next.
    private bool IsPlausible(in RecordBatchHeader header) =>
        header.Magic == 2
        && header.BatchLength >= RecordBatchHeader.Size - RecordBatchHeader.LengthPrefix
        && header.LastOffsetDelta >= 0
        && header.BaseOffset == NextOffset;

    private long Verify(long fileSize)
    {
        _index.Clear();
        Size = 0;
        MaxTimestamp = long.MinValue;
        NextOffset = BaseOffset;
        _lastIndexedPosition = 0;
        long at = 0;
        while (fileSize - at >= RecordBatchHeader.Size)
        {
            var header = ReadHeader(at);
            if (!IsPlausible(header) || header.BatchLength > fileSize - at - RecordBatchHeader.LengthPrefix || !ChecksumHolds(at, header))
                break;
            Account(header, at);
            at += header.TotalSize;
        }

        if (at == fileSize)
            return 0;
        RandomAccess.SetLength(_file, at);
        RandomAccess.FlushToDisk(_file);
        return fileSize - at;
    }

    private bool ChecksumHolds(long position, in RecordBatchHeader header)
    {
        byte[] batch = RentBatch(position, header);
        bool holds = Crc32C.Compute(batch.AsSpan(RecordBatchHeader.CrcStart, header.TotalSize - RecordBatchHeader.CrcStart)) == header.Crc;
        ArrayPool<byte>.Shared.Return(batch);
        return holds;
    }
}
