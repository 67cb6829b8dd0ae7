using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;

namespace Streams.DevBroker.Protocol;

/// <summary>
/// Writes the protocol's primitive types into a pooled buffer. Record data is not copied into it: it is noted as a
/// <see cref="FileSlice"/> and read straight into the connection's output when the response is sent.
/// </summary>
internal sealed class KafkaWriter : IDisposable
{
    private const int SendChunk = 64 * 1024;
    private readonly List<(int At, FileSlice Slice)> _slices = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _length;
    private long _sliceBytes;

    public bool Flexible { get; set; }

    public long TotalLength => _length + _sliceBytes;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void WriteInt8(sbyte value) => Reserve(1)[0] = (byte)value;

    public void WriteBoolean(bool value) => WriteInt8(value ? (sbyte)1 : (sbyte)0);

    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(2), value);

    public void WriteError(ErrorCode value) => WriteInt16((short)value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    public void WriteUuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    public void WriteUnsignedVarint(uint value)
    {
        while (value >= 0x80)
        {
            Reserve(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Reserve(1)[0] = (byte)value;
    }

    public void WriteString(string value) => WriteNullableString(value);

    public void WriteNullableString(string? value)
    {
        if (value is null)
        {
            if (Flexible)
                WriteUnsignedVarint(0);
            else
                WriteInt16(-1);
            return;
        }

        int size = Encoding.UTF8.GetByteCount(value);
        if (size > short.MaxValue)
            throw new ArgumentException($"A string of {size} bytes does not fit the protocol's limit of {short.MaxValue}.", nameof(value));
        if (Flexible)
            WriteUnsignedVarint((uint)size + 1);
        else
            WriteInt16((short)size);
        Encoding.UTF8.GetBytes(value, Reserve(size));
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteBytesLength(value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>Writes a bytes field whose content is read from the file when the response is sent.</summary>
    public void WriteBytes(FileSlice slice)
    {
        WriteBytesLength(slice.Length);
        _slices.Add((_length, slice));
        _sliceBytes += slice.Length;
    }

    /// <summary>Writes the length of an array; -1 stands for null.</summary>
    public void WriteArrayLength(int count)
    {
        if (Flexible)
            WriteUnsignedVarint((uint)(count + 1));
        else
            WriteInt32(count);
    }

    public void WriteArray<T>(IReadOnlyCollection<T> items, Action<KafkaWriter, T> writeItem)
    {
        WriteArrayLength(items.Count);
        foreach (var item in items)
            writeItem(this, item);
    }

    /// <summary>Ends a structure: no tagged fields.</summary>
    public void WriteNoTags()
    {
        if (Flexible)
            WriteUnsignedVarint(0);
    }

    public void PatchInt32(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(at, 4), value);

    /// <summary>Forgets everything written from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        foreach (var (_, slice) in _slices)
            slice.Dispose();
        _slices.Clear();
        _sliceBytes = 0;
        _length = length;
    }

    public async ValueTask SendAsync(PipeWriter output, CancellationToken cancellation)
    {
        int sent = 0;
        foreach (var (at, slice) in _slices)
        {
            output.Write(_buffer.AsSpan(sent, at - sent));
            sent = at;
            for (int from = 0; from < slice.Length;)
            {
                int read = slice.Read(from, output.GetSpan(Math.Min(SendChunk, slice.Length - from)));
                if (read <= 0)
                    throw new EndOfStreamException($"A log file ended {slice.Length - from} bytes before a planned read did.");
                output.Advance(read);
                from += read;
                await output.FlushAsync(cancellation);
            }
        }

        output.Write(_buffer.AsSpan(sent, _length - sent));
        await output.FlushAsync(cancellation);
    }

    public void Dispose()
    {
        Truncate(0);
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void WriteBytesLength(int length)
    {
        if (Flexible)
            WriteUnsignedVarint((uint)length + 1);
        else
            WriteInt32(length);
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }
}
