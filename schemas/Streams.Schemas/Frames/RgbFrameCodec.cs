using System.Buffers.Binary;

namespace Streams.Schemas.Frames;

/// <summary>
/// Decoded frames between the pump and a grain, in one process: all integers little-endian;
/// int32 count, then per frame int64 capture time (microseconds since 1970 UTC), int32 width, int32 height, width*height*3 bytes RGB.
/// </summary>
public static class RgbFrameCodec
{
    private const int CountBytes = 4;
    private const int HeaderBytes = 16;

    /// <summary>Writes <paramref name="frames"/> into one array.</summary>
    public static byte[] Encode(IReadOnlyList<RgbFrame> frames)
    {
        var bytes = new byte[CountBytes + frames.Sum(frame => HeaderBytes + frame.Pixels.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frames.Count);
        var rest = bytes.AsSpan(CountBytes);
        foreach (var frame in frames)
        {
            if (frame.Pixels.Length != (long)frame.Width * frame.Height * 3)
            {
                throw new RecordFormatException("frame", $"{frame.Pixels.Length} bytes for {frame.Width}x{frame.Height} RGB pixels; give width*height*3 bytes");
            }

            BinaryPrimitives.WriteInt64LittleEndian(rest, EventTime.ToMicroseconds(frame.CaptureTime));
            BinaryPrimitives.WriteInt32LittleEndian(rest[8..], frame.Width);
            BinaryPrimitives.WriteInt32LittleEndian(rest[12..], frame.Height);
            frame.Pixels.Span.CopyTo(rest[HeaderBytes..]);
            rest = rest[(HeaderBytes + frame.Pixels.Length)..];
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; the frames share <paramref name="bytes"/>.</summary>
    /// <exception cref="RecordFormatException">The bytes end early or name impossible sizes.</exception>
    public static IReadOnlyList<RgbFrame> Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < CountBytes)
        {
            throw Truncated(bytes.Length);
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        if (count < 0)
        {
            throw new RecordFormatException("frame", $"{count} frames are announced; write 0 or more");
        }

        var frames = new List<RgbFrame>(Math.Min(count, 1024));
        var rest = bytes[CountBytes..];
        for (var i = 0; i < count; i++)
        {
            if (rest.Length < HeaderBytes)
            {
                throw Truncated(bytes.Length);
            }

            var time = BinaryPrimitives.ReadInt64LittleEndian(rest.Span);
            if (time < EventTime.MinMicroseconds || time > EventTime.MaxMicroseconds)
            {
                throw new RecordFormatException("frame", $"capture time {time} is not within the years 1 to 9999; write microseconds since 1970");
            }

            var width = BinaryPrimitives.ReadInt32LittleEndian(rest.Span[8..]);
            var height = BinaryPrimitives.ReadInt32LittleEndian(rest.Span[12..]);
            // 128 bits: the product of two hostile sizes does not fit 64.
            var size = (Int128)width * height * 3;
            if (width < 1 || height < 1 || size > rest.Length - HeaderBytes)
            {
                throw Truncated(bytes.Length);
            }

            frames.Add(new RgbFrame(EventTime.FromMicroseconds(time), width, height, rest.Slice(HeaderBytes, (int)size)));
            rest = rest[(HeaderBytes + (int)size)..];
        }

        return rest.IsEmpty
            ? frames
            : throw new RecordFormatException("frame", $"{rest.Length} bytes follow the last of {count} frames");
    }

    private static RecordFormatException Truncated(int length) =>
        new("frame", $"decoded frames end early ({length} bytes)");
}
