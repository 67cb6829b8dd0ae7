namespace Streams.Ingest.Sources.Video;

/// <summary>
/// Cuts ffmpeg's output into units, reading only when asked: what is not asked for stays in the socket, and there ffmpeg waits.
/// Holds at most one unit and one read more.
/// </summary>
internal abstract class UnitReader(Stream stream, int maxUnitBytes)
{
    private const int ReadBytes = 64 * 1024;

    private byte[] _buffer = new byte[2 * ReadBytes];
    private int _start;
    private int _end;

    /// <summary>Bytes held, for tests of back-pressure.</summary>
    public int Buffered => _end - _start;

    /// <summary>The next unit; null at the end.</summary>
    /// <exception cref="SourceException">The bytes are not what they should be.</exception>
    public async ValueTask<MediaUnit?> ReadAsync(CancellationToken ct)
    {
        // Bytes at hand are given without a read, and then nobody else looks at the token.
        ct.ThrowIfCancellationRequested();
        while (true)
        {
            if (Next(_buffer.AsSpan(_start, Buffered), ended: false, out var length) is { } unit)
            {
                _start += length;
                return length <= maxUnitBytes ? unit : throw TooLarge();
            }

            if (Buffered > maxUnitBytes)
            {
                throw TooLarge();
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end, ReadBytes), ct);
            if (read > 0)
            {
                _end += read;
                continue;
            }

            var last = Next(_buffer.AsSpan(_start, Buffered), ended: true, out length);
            _start += length;
            return last is not null || Buffered == 0
                ? last
                : throw new SourceException($"the video ends within a frame ({Buffered} bytes of it came); is ffmpeg whole?");
        }
    }

    /// <summary>
    /// Finds a whole unit at the start of <paramref name="bytes"/>. When none is there the bytes come again, with more behind them;
    /// an implementation remembers how far it has looked.
    /// </summary>
    /// <param name="bytes">All that is held.</param>
    /// <param name="ended">Nothing more will come.</param>
    /// <param name="length">Bytes of the unit.</param>
    protected abstract MediaUnit? Next(ReadOnlySpan<byte> bytes, bool ended, out int length);

    private SourceException TooLarge() =>
        new($"a frame or segment has more than {maxUnitBytes} bytes; lower MaxWidth, the quality or SegmentFrames");

    private void MakeRoom()
    {
        if (_buffer.Length - _end >= ReadBytes)
        {
            return;
        }

        var target = Buffered + ReadBytes <= _buffer.Length / 2 ? _buffer : new byte[2 * (Buffered + ReadBytes)];
        _buffer.AsSpan(_start, Buffered).CopyTo(target);
        (_buffer, _end, _start) = (target, Buffered, 0);
    }
}
