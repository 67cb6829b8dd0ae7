using SkiaSharp;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

internal static class JpegEncoder
{
    public static byte[] Encode(RgbFrame frame, int quality)
    {
        var pixels = new byte[frame.Width * frame.Height * 4];
        var source = frame.Pixels.Span;
        for (var pixel = 0; pixel < frame.Width * frame.Height; pixel++)
        {
            source.Slice(pixel * 3, 3).CopyTo(pixels.AsSpan(pixel * 4));
            pixels[(pixel * 4) + 3] = byte.MaxValue;
        }

        var info = new SKImageInfo(frame.Width, frame.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var image = SKImage.FromPixelCopy(info, pixels, frame.Width * 4);
        using var data = image.Encode(SKEncodedImageFormat.Jpeg, quality);
        return data.ToArray();
    }
}
