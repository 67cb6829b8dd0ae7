using Streams.Schemas;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>What a camera's processor remembers: the frames of the clip in the making, and how many of them no clip has had yet.</summary>
/// <param name="Frames">In order of arrival.</param>
/// <param name="Fresh">Of these, the newest ones that were in no clip.</param>
/// <param name="FramesSeen">All frames since the beginning.</param>
/// <param name="ClipsMade">All clips since the beginning.</param>
internal sealed record ClipState(IReadOnlyList<PendingFrame> Frames, int Fresh, long FramesSeen, long ClipsMade)
{
    private const byte Version = 1;

    public static ClipState Empty { get; } = new([], 0, 0, 0);

    public byte[] Save(CaptioningOptions options)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(options.FrameSize);
        writer.Write(FramesSeen);
        writer.Write(ClipsMade);
        writer.Write(Fresh);
        writer.Write(Frames.Count);
        foreach (var frame in Frames)
        {
            writer.Write(EventTime.ToMicroseconds(frame.Input.CaptureTime));
            writer.Write(frame.Input.Pixels.Span);
            var jpeg = frame.Thumbnail(options.ThumbnailQuality);
            writer.Write(jpeg.Length);
            writer.Write(jpeg);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="StateFormatException">Another version, another frame size, or cut off.</exception>
    public static ClipState Load(byte[] bytes, CaptioningOptions options)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            if (reader.ReadByte() is var version && version != Version)
            {
                throw new StateFormatException($"Captioning state has version {version}; readable is {Version}");
            }

            if (reader.ReadInt32() is var size && size != options.FrameSize)
            {
                throw new StateFormatException($"Captioning state holds frames of {size} pixels a side, FrameSize is {options.FrameSize}; set it back, or start a new run");
            }

            var (seen, clips, fresh, count) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32());
            var frames = new List<PendingFrame>();
            for (var i = 0; i < count; i++)
            {
                var time = EventTime.FromMicroseconds(reader.ReadInt64());
                var pixels = ReadExactly(reader, size * size * 3);
                frames.Add(PendingFrame.Restore(new RgbFrame(time, size, size, pixels), ReadExactly(reader, reader.ReadInt32())));
            }

            return new ClipState(frames, fresh, seen, clips);
        }
        catch (EndOfStreamException)
        {
            throw new StateFormatException($"Captioning state of {bytes.Length} bytes ends early");
        }
    }

    private static byte[] ReadExactly(BinaryReader reader, int count)
    {
        var bytes = count < 0 ? [] : reader.ReadBytes(count);
        return bytes.Length == count ? bytes : throw new EndOfStreamException();
    }
}
