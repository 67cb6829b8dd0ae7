using System.Buffers.Binary;
using System.Text;

namespace Streams.DevBroker.Protocol;

/// <summary>
/// Reads the protocol's primitive types from one request frame. <see cref="Flexible"/> selects between the old
/// encodings (fixed-width lengths) and the compact ones with tagged fields.
/// </summary>
internal sealed class KafkaReader(Memory<byte> frame)
{
    // A guard against a length that would make the broker allocate before it notices that the bytes are not there.
    private const int InitialArrayCapacity = 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _position;

    public bool Flexible { get; set; }

    public int Remaining => frame.Length - _position;

    public sbyte ReadInt8(string field) => (sbyte)Take(1, field).Span[0];

    public bool ReadBoolean(string field) => ReadInt8(field) != 0;

    public short ReadInt16(string field) => BinaryPrimitives.ReadInt16BigEndian(Take(2, field).Span);

    public int ReadInt32(string field) => BinaryPrimitives.ReadInt32BigEndian(Take(4, field).Span);

    public long ReadInt64(string field) => BinaryPrimitives.ReadInt64BigEndian(Take(8, field).Span);

    public Guid ReadUuid(string field) => new(Take(16, field).Span, bigEndian: true);

    public uint ReadUnsignedVarint(string field)
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte part = Take(1, field).Span[0];
            if (shift == 28 && part > 0x0F)
                break;
            value |= (uint)(part & 0x7F) << shift;
            if ((part & 0x80) == 0)
                return value;
        }

        throw new MalformedRequestException($"{field}: a variable-length integer of more than 32 bits");
    }

    public string ReadString(string field) =>
        ReadNullableString(field) ?? throw new MalformedRequestException($"{field}: null where a string is required");

    public string? ReadNullableString(string field)
    {
        int length = Flexible ? ReadCompactLength(field) : ReadInt16(field);
        if (length < 0)
            return null;
        if (length > short.MaxValue)
            throw new MalformedRequestException($"{field}: a string of {length} bytes, the limit is {short.MaxValue}");
        return Decode(length, field);
    }

    /// <summary>The client id of the request header: never compact, whatever the header's version.</summary>
    public string? ReadHeaderString(string field)
    {
        int length = ReadInt16(field);
        return length < 0 ? null : Decode(length, field);
    }

    public Memory<byte> ReadBytes(string field) =>
        ReadNullableBytes(field) ?? throw new MalformedRequestException($"{field}: null where bytes are required");

    public Memory<byte>? ReadNullableBytes(string field)
    {
        int length = Flexible ? ReadCompactLength(field) : ReadInt32(field);
        return length < 0 ? null : Take(length, field);
    }

    public List<T> ReadArray<T>(string field, Func<KafkaReader, T> readItem) =>
        ReadNullableArray(field, readItem) ?? throw new MalformedRequestException($"{field}: null where an array is required");

    public List<T>? ReadNullableArray<T>(string field, Func<KafkaReader, T> readItem)
    {
        int count = Flexible ? ReadCompactLength(field) : ReadInt32(field);
        if (count < 0)
            return null;
        if (count > Remaining)
            throw new MalformedRequestException($"{field}: {count} items announced, only {Remaining} bytes left");
        var items = new List<T>(Math.Min(count, InitialArrayCapacity));
        for (int i = 0; i < count; i++)
            items.Add(readItem(this));
        return items;
    }

    /// <summary>Skips the tagged fields that end every structure of a flexible version; this broker needs none of them.</summary>
    public void SkipTags()
    {
        if (!Flexible)
            return;
        uint count = ReadUnsignedVarint("tagged fields");
        for (uint i = 0; i < count; i++)
        {
            ReadUnsignedVarint("tag");
            uint size = ReadUnsignedVarint("tag size");
            if (size > (uint)Remaining)
                throw new MalformedRequestException($"tag size: {size} bytes announced, only {Remaining} left");
            _position += (int)size;
        }
    }

    private int ReadCompactLength(string field)
    {
        uint encoded = ReadUnsignedVarint(field);
        if (encoded > int.MaxValue)
            throw new MalformedRequestException($"{field}: a length of {encoded} is out of range");
        return (int)encoded - 1;
    }

    private string Decode(int length, string field)
    {
        try
        {
            return StrictUtf8.GetString(Take(length, field).Span);
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedRequestException($"{field}: not valid UTF-8");
        }
    }

    private Memory<byte> Take(int count, string field)
    {
        if (count > Remaining)
            throw new MalformedRequestException($"{field}: {count} bytes needed at position {_position}, only {Remaining} left");
        var taken = frame.Slice(_position, count);
        _position += count;
        return taken;
    }
}
