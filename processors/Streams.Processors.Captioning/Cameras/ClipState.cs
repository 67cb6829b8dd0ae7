using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>What a camera's processor remembers: the frames of the clip in the making, and how many of them no clip has had yet.</summary>
/// <param name="Frames">In order of arrival.</param>
/// <param name="Fresh">Of these, the newest ones that were in no clip.</param>
/// <param name="FramesSeen">All frames since the beginning.</param>
/// <param name="ClipsMade">All clips since the beginning.</param>
/// <param name="Scene">What the scene gate compares with. Version 1 had none.</param>
internal sealed record ClipState(IReadOnlyList<PendingFrame> Frames, int Fresh, long FramesSeen, long ClipsMade, SceneReference? Scene)
{
    private const byte Version = 2;

    public static ClipState Empty { get; } = new([], 0, 0, 0, null);

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

        writer.Write((short)(Scene?.Thumbnail.Width ?? 0));
        if (Scene is not null)
        {
            var caption = Scene.Caption.Result; // results are made before the state is saved
            writer.Write(Scene.Thumbnail.Pixels.Span);
            writer.Write(Scene.Model);
            writer.Write(caption.Text);
            writer.Write(caption.Confidence);
            writer.Write(caption.Model);
            WriteEmbeddings(writer, Scene.Embeddings.Result);
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
            if (reader.ReadByte() is var version && version is not (1 or Version))
            {
                throw new StateFormatException($"Captioning state has version {version}; readable are 1 and {Version}");
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

            return new ClipState(frames, fresh, seen, clips, version == 1 ? null : ReadScene(reader));
        }
        catch (EndOfStreamException)
        {
            throw new StateFormatException($"Captioning state of {bytes.Length} bytes ends early");
        }
    }

    private static SceneReference? ReadScene(BinaryReader reader)
    {
        int size = reader.ReadInt16();
        if (size == 0)
        {
            return null;
        }

        var thumbnail = new RgbFrame(default, size, size, ReadExactly(reader, size * size * 3));
        var (model, caption) = (reader.ReadString(), new GeneratedCaption(reader.ReadString(), reader.ReadDouble(), reader.ReadString()));
        return new SceneReference(thumbnail, model, Task.FromResult(caption), Task.FromResult(ReadEmbeddings(reader)));
    }

    private static void WriteEmbeddings(BinaryWriter writer, FrameEmbeddings? embeddings)
    {
        writer.Write(embeddings?.Values.Count ?? 0);
        if (embeddings is { Values.Count: > 0 })
        {
            writer.Write(embeddings.Width);
            foreach (var value in embeddings.Values)
            {
                writer.Write(value);
            }
        }
    }

    private static FrameEmbeddings? ReadEmbeddings(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count <= 0)
        {
            return null;
        }

        var width = reader.ReadInt32();
        var bytes = ReadExactly(reader, checked(count * sizeof(float)));
        return new FrameEmbeddings([.. Enumerable.Range(0, count).Select(i => BitConverter.ToSingle(bytes, i * sizeof(float)))], width, 1);
    }

    private static byte[] ReadExactly(BinaryReader reader, int count)
    {
        var bytes = count < 0 ? [] : reader.ReadBytes(count);
        return bytes.Length == count ? bytes : throw new EndOfStreamException();
    }
}
