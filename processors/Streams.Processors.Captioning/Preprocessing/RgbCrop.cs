using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Preprocessing;

/// <summary>Cuts pictures.</summary>
internal static class RgbCrop
{
    /// <summary>The rectangle that begins at (<paramref name="left"/>, <paramref name="top"/>), which must lie in the picture.</summary>
    public static RgbFrame Take(RgbFrame image, int left, int top, int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var row = 0; row < height; row++)
        {
            image.Pixels.Span.Slice((((top + row) * image.Width) + left) * 3, width * 3).CopyTo(pixels.AsSpan(row * width * 3));
        }

        return new RgbFrame(image.CaptureTime, width, height, pixels);
    }
}
