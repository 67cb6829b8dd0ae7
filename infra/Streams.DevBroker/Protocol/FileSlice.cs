using Microsoft.Win32.SafeHandles;

namespace Streams.DevBroker.Protocol;

/// <summary>
/// A run of bytes of a log file that is to be sent as it lies on disk. It holds a reference on the file's handle, so that
/// retention or a deleted topic cannot close the file between planning a response and sending it.
/// </summary>
internal sealed class FileSlice : IDisposable
{
    private readonly SafeFileHandle _file;
    private bool _released;

    public FileSlice(SafeFileHandle file, long position, int length)
    {
        bool added = false;
        file.DangerousAddRef(ref added);
        _file = file;
        Position = position;
        Length = length;
    }

    public long Position { get; }

    public int Length { get; }

    public int Read(int from, Span<byte> destination) =>
        RandomAccess.Read(_file, destination[..Math.Min(destination.Length, Length - from)], Position + from);

    /// <summary>Makes the whole file durable.</summary>
    public void FlushToDisk() => RandomAccess.FlushToDisk(_file);

    public void Dispose()
    {
        if (_released)
            return;
        _released = true;
        _file.DangerousRelease();
    }
}
