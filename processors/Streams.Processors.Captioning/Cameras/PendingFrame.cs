using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>A frame of a clip that is not complete: at the model's size, and a small picture in case it becomes the thumbnail.</summary>
internal sealed class PendingFrame
{
    private RgbFrame? _picture;
    private byte[]? _jpeg;

    private PendingFrame(RgbFrame input, RgbFrame? picture, byte[]? jpeg) => (Input, _picture, _jpeg) = (input, picture, jpeg);

    public RgbFrame Input { get; }

    public static PendingFrame Create(RgbFrame frame, CaptioningOptions options)
    {
        var (width, height) = AreaScaler.Fit(frame.Width, frame.Height, options.ThumbnailWidth);
        var picture = AreaScaler.Scale(frame, width, height);

        // The source's bytes belong to the record; a frame that outlives it keeps its own.
        picture = picture with { Pixels = picture.Pixels.ToArray() };
        var input = ClipFrames.ToInput(frame, options);
        return new PendingFrame(input with { Pixels = input.Pixels.ToArray() }, picture, null);
    }

    public static PendingFrame Restore(RgbFrame input, byte[] jpeg) => new(input, null, jpeg);

    /// <summary>The frame as a small JPEG; encoded once, when first asked for.</summary>
    public byte[] Thumbnail(int quality)
    {
        if (_jpeg is null)
        {
            _jpeg = JpegEncoder.Encode(_picture!, quality);
            _picture = null;
        }

        return _jpeg;
    }
}
