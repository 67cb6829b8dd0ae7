using System.Globalization;
using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Ingest.Decoding;

/// <summary>Frames and segments of a camera, decoded to RGB of at most 512 pixels a side: what the models take, and no larger.</summary>
public sealed class VideoFrameDecoder : IRecordDecoder, IDisposable
{
    /// <summary>Longest side of a decoded frame, in pixels.</summary>
    public const int MaxSide = 512;

    private const int MaxDeclaredSide = 16_384;

    // Decoding is work for a processor, and its pixels are in no budget before it ends.
    private readonly SemaphoreSlim _slots = new(Environment.ProcessorCount);

    /// <inheritdoc />
    public string Topic => Topics.VideoFrames;

    /// <inheritdoc />
    public async ValueTask<InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken ct)
    {
        var envelope = RecordEnvelope.Read(record, EventTypes.VideoFrame);
        if (EventTypes.IsVersionOf(EventTypes.VideoEnd, envelope.Type))
        {
            return Input(EventTypes.VideoEnd, []);
        }

        if (!EventTypes.IsVersionOf(EventTypes.VideoFrame, envelope.Type))
        {
            throw RecordEnvelope.WrongType(envelope.Type, Topic, EventTypes.VideoFrame, EventTypes.VideoEnd);
        }

        await _slots.WaitAsync(ct);
        try
        {
            return Input(EventTypes.VideoFrame, await FramesAsync(record, envelope.Time, ct));
        }
        finally
        {
            _slots.Release();
        }

        InputRecord Input(string type, IReadOnlyList<RgbFrame> frames) => new(
            record.Partition.Value, record.Offset.Value, envelope.Time, type, RgbFrameCodec.Encode(frames), RecordEnvelope.Published(record), envelope.Source);
    }

    /// <inheritdoc />
    public void Dispose() => _slots.Dispose();

    private static async ValueTask<IReadOnlyList<RgbFrame>> FramesAsync(ConsumeResult<byte[]?, byte[]?> record, DateTimeOffset captureTime, CancellationToken ct)
    {
        var header = RecordEnvelope.Header(record);
        var value = RecordEnvelope.Value(record);
        var codec = EventEnvelope.Optional(header, Headers.Codec) ?? "jpeg";
        var width = Integer(header, Headers.Width, MaxDeclaredSide);
        var height = Integer(header, Headers.Height, MaxDeclaredSide);
        var count = Integer(header, Headers.FrameCount, SegmentDecoder.MaxFrames);
        switch (codec)
        {
            case "jpeg":
                var (frame, actualWidth, actualHeight) = JpegDecoder.Decode(value, captureTime, MaxSide);
                Match(Headers.Width, width, actualWidth);
                Match(Headers.Height, height, actualHeight);
                Match(Headers.FrameCount, count, 1);
                return [frame];
            case "h264" or "h265":
                var (segmentWidth, segmentHeight) = Fit(
                    width ?? throw Missing(Headers.Width, "the segment's width in pixels"),
                    height ?? throw Missing(Headers.Height, "the segment's height in pixels"));
                var (frames, contentWidth, contentHeight) = await SegmentDecoder.DecodeAsync(
                    codec == "h264" ? "h264" : "hevc", value, segmentWidth, segmentHeight, captureTime, FrameRate(header), ct);
                Match(Headers.Width, width, contentWidth);
                Match(Headers.Height, height, contentHeight);
                Match(Headers.FrameCount, count, frames.Count);
                return frames;
            default:
                throw new RecordFormatException(Headers.Codec, $"'{codec}' is not known; write jpeg, h264 or h265");
        }
    }

    private static (int Width, int Height) Fit(int width, int height)
    {
        var ratio = Math.Min(1, (double)MaxSide / Math.Max(width, height));
        return (Math.Max(1, (int)Math.Round(width * ratio)), Math.Max(1, (int)Math.Round(height * ratio)));
    }

    private static int? Integer(Func<string, byte[]?> header, string name, int max)
    {
        if (EventEnvelope.Optional(header, name) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= max
            ? value
            : throw new RecordFormatException(name, $"'{(text.Length <= 32 ? text : text[..32] + "…")}' is not a whole number from 1 to {max}");
    }

    private static double FrameRate(Func<string, byte[]?> header)
    {
        var text = EventEnvelope.Optional(header, Headers.FrameRate) ?? throw Missing(Headers.FrameRate, "the segment's frames per second");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= 1000
            ? rate
            : throw new RecordFormatException(Headers.FrameRate, $"'{(text.Length <= 32 ? text : text[..32] + "…")}' is not a rate above 0 and at most 1000");
    }

    private static void Match(string name, int? declared, int actual)
    {
        if (declared is { } value && value != actual)
        {
            throw new RecordFormatException(name, $"says {value}, but the payload has {actual}; write what the payload has, or leave the header out");
        }
    }

    private static RecordFormatException Missing(string name, string what) => new(name, $"is missing; write {what} as a header");
}
