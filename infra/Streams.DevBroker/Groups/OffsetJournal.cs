using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <summary>
/// The file behind <see cref="OffsetStore"/>: entries of length, CRC-32C and content. What follows the last whole entry
/// was torn by a crash, hence never acknowledged, and is cut off at the next start. Guarded by the store's lock.
/// </summary>
internal sealed class OffsetJournal : IDisposable
{
    private const int HeaderSize = 8;
    private const int MinRewriteBytes = 1024 * 1024;
    private const int RewriteFactor = 4;
    private readonly string _path;
    private SafeFileHandle _file;
    private long _size;
    private long _liveSize;
    private bool _dirty;

    private OffsetJournal(string path)
    {
        _path = path;
        _file = OpenFile(path, FileMode.OpenOrCreate);
    }

    public long CutBytes { get; private set; }

    public bool IsMostlyOutdated => _size > Math.Max(MinRewriteBytes, RewriteFactor * _liveSize);

    public static OffsetJournal Open(string path, Action<OffsetChange> apply)
    {
        var journal = new OffsetJournal(path);
        journal.Recover(apply);
        return journal;
    }

    public void Append(OffsetChange change)
    {
        byte[] entry = Frame(change);
        try
        {
            RandomAccess.Write(_file, entry, _size);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_file, _size);
            throw;
        }

        _size += entry.Length;
        _dirty = true;
    }

    public void Rewrite(IEnumerable<OffsetChange> live)
    {
        string temporary = _path + AtomicFile.TemporaryExtension;
        var file = OpenFile(temporary, FileMode.Create);
        long size = 0;
        foreach (var change in live)
        {
            byte[] entry = Frame(change);
            RandomAccess.Write(file, entry, size);
            size += entry.Length;
        }

        RandomAccess.FlushToDisk(file);
        File.Move(temporary, _path, overwrite: true);
        _file.Dispose();
        _file = file;
        _size = _liveSize = size;
        _dirty = false;
    }

    public FileSlice? TakeUnflushed()
    {
        if (!_dirty)
            return null;
        _dirty = false;
        return new FileSlice(_file, 0, 0);
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle OpenFile(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    private static byte[] Frame(OffsetChange change)
    {
        byte[] payload = change.Encode();
        byte[] entry = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(entry, payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(4), Crc32C.Compute(payload));
        payload.CopyTo(entry, HeaderSize);
        return entry;
    }

    private void Recover(Action<OffsetChange> apply)
    {
        long length = RandomAccess.GetLength(_file);
        byte[] header = new byte[HeaderSize];
        while (length - _size >= HeaderSize && RandomAccess.Read(_file, header, _size) == HeaderSize)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(header);
            if (size <= 0 || size > length - _size - HeaderSize)
                break;
            byte[] payload = new byte[size];
            if (RandomAccess.Read(_file, payload, _size + HeaderSize) != size || Crc32C.Compute(payload) != BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)))
                break;
            apply(OffsetChange.Decode(payload));
            _size += HeaderSize + size;
        }

        CutBytes = length - _size;
        if (CutBytes > 0)
            RandomAccess.SetLength(_file, _size);
    }
}
