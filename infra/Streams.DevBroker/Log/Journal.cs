using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Log;

/// <summary>
/// The file behind committed offsets and transactions: entries of length, CRC-32C and content. What follows the last whole
/// entry was torn by a crash, hence never acknowledged, and is cut off at the next start. Guarded by its owner's lock.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int HeaderSize = 8;
    private const int MinRewriteBytes = 1024 * 1024;
    private const int RewriteFactor = 4;
    private readonly string _path;
    private SafeFileHandle _file;
    private long _size;
    private long _liveSize;
    private bool _dirty;

    private Journal(string path)
    {
        _path = path;
        _file = OpenFile(path, FileMode.OpenOrCreate);
    }

    public long CutBytes { get; private set; }

    public bool IsMostlyOutdated => _size > Math.Max(MinRewriteBytes, RewriteFactor * _liveSize);

    public static Journal Open(string path, Action<byte[]> apply)
    {
        var journal = new Journal(path);
        journal.Recover(apply);
        return journal;
    }

    public void Append(byte[] content)
    {
        byte[] entry = Frame(content);
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

    public void Rewrite(IEnumerable<byte[]> live)
    {
        string temporary = _path + AtomicFile.TemporaryExtension;
        var file = OpenFile(temporary, FileMode.Create);
        long size = 0;
        foreach (byte[] content in live)
        {
            byte[] entry = Frame(content);
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

    private static byte[] Frame(byte[] content)
    {
        byte[] entry = new byte[HeaderSize + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(entry, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(4), Crc32C.Compute(content));
        content.CopyTo(entry, HeaderSize);
        return entry;
    }

    private void Recover(Action<byte[]> apply)
    {
        long length = RandomAccess.GetLength(_file);
        byte[] header = new byte[HeaderSize];
        while (length - _size >= HeaderSize && RandomAccess.Read(_file, header, _size) == HeaderSize)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(header);
            if (size <= 0 || size > length - _size - HeaderSize)
                break;
            byte[] content = new byte[size];
            if (RandomAccess.Read(_file, content, _size + HeaderSize) != size || Crc32C.Compute(content) != BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)))
                break;
            apply(content);
            _size += HeaderSize + size;
        }

        CutBytes = length - _size;
        if (CutBytes > 0)
            RandomAccess.SetLength(_file, _size);
    }
}
