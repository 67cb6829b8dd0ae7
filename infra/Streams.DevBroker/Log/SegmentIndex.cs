using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Streams.DevBroker.Log;

/// <summary>
/// The sparse index of one segment, for offsets and for times: every few kilobytes of log one entry of batch base offset,
/// largest timestamp before that batch, and file position. Entries stay on disk and are found by binary search, so a log
/// of any size costs no memory. Guarded by the partition's lock.
/// </summary>
internal sealed class SegmentIndex(string path) : IDisposable
{
    private const int EntrySize = 24;
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
    private int _count;

    public readonly record struct Entry(long Offset, long MaxTimestampBefore, long Position);

    /// <summary>The last entry, or the start of the segment when there is none.</summary>
    public Entry Last => _count == 0 ? Start : Read(_count - 1);

    private static Entry Start => new(long.MinValue, long.MinValue, 0);

    /// <summary>Takes over what lies in the file if it can belong to a log of that size.</summary>
    public bool TryLoad(long logSize)
    {
        long length = RandomAccess.GetLength(_file);
        if (length % EntrySize != 0)
            return false;
        _count = (int)(length / EntrySize);
        if (_count == 0)
            return true;
        var last = Last;
        return last.Position >= 0 && last.Position < logSize;
    }

    public void Clear()
    {
        RandomAccess.SetLength(_file, 0);
        _count = 0;
    }

    public void Append(Entry entry)
    {
        Span<byte> bytes = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteInt64BigEndian(bytes, entry.Offset);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], entry.MaxTimestampBefore);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], entry.Position);
        RandomAccess.Write(_file, bytes, (long)_count * EntrySize);
        _count++;
    }

    /// <summary>Where to start looking for an offset: the last indexed batch that begins at or before it.</summary>
    public long PositionForOffset(long offset) => FindLast(entry => entry.Offset <= offset);

    /// <summary>Where to start looking for the first batch that reaches a timestamp: everything before lies below it.</summary>
    public long PositionForTimestamp(long timestamp) => FindLast(entry => entry.MaxTimestampBefore < timestamp);

    /// <summary>The last indexed batch that begins at or before a file position.</summary>
    public long PositionAtOrBefore(long position) => FindLast(entry => entry.Position <= position);

    public void Flush() => RandomAccess.FlushToDisk(_file);

    public void Dispose() => _file.Dispose();

    private long FindLast(Func<Entry, bool> holds)
    {
        int low = 0, high = _count;
        var found = Start;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            var entry = Read(middle);
            if (holds(entry))
            {
                found = entry;
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return found.Position;
    }

    private Entry Read(int number)
    {
        Span<byte> bytes = stackalloc byte[EntrySize];
        int read = RandomAccess.Read(_file, bytes, (long)number * EntrySize);
        if (read != EntrySize)
            throw new IOException($"The index '{path}' ended at entry {number}; delete it and restart to have it rebuilt.");
        return new(
            BinaryPrimitives.ReadInt64BigEndian(bytes),
            BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[16..]));
    }
}
