using SkiaSharp;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;

namespace Streams.Ingest.Decoding;

/// <summary>JPEG to RGB. A picture that ends early or is damaged is an error, not a grey half.</summary>
internal static class JpegDecoder
{
    // Read before any pixel is allocated, so that a small file cannot claim a huge picture.
    public const long MaxPixels = 20_000_000;

    /// <summary>The picture, its longer side at most <paramref name="maxSide"/> pixels, and its size before that.</summary>
    /// <exception cref="RecordFormatException">Not a JPEG, damaged, or above 20 megapixels.</exception>
    public static (RgbFrame Frame, int Width, int Height) Decode(ReadOnlyMemory<byte> bytes, DateTimeOffset captureTime, int maxSide)
    {
        using var stream = new SKMemoryStream(bytes.ToArray());
        using var codec = SKCodec.Create(stream, out var opened);
        if (codec is null || codec.EncodedFormat != SKEncodedImageFormat.Jpeg)
        {
            throw new RecordFormatException("value", $"is not a JPEG ({(codec is null ? opened.ToString() : codec.EncodedFormat.ToString())}); write one JPEG, or name its codec in the header '{Headers.Codec}'");
        }

        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MaxPixels)
        {
            throw new RecordFormatException("value", $"is a JPEG of {width}x{height} pixels; at most {MaxPixels:n0} pixels are allowed");
        }

        var size = DecodeSize(codec, maxSide);
        using var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
        {
            throw new RecordFormatException("value", $"is a damaged JPEG ({result}); send the whole file");
        }

        var ratio = (double)maxSide / Math.Max(size.Width, size.Height);
        if (ratio >= 1)
        {
            return (ToRgb(bitmap, captureTime), width, height);
        }

        using var smaller = bitmap.Resize(
            new SKImageInfo(Math.Max(1, (int)Math.Round(size.Width * ratio)), Math.Max(1, (int)Math.Round(size.Height * ratio)), SKColorType.Rgba8888, SKAlphaType.Opaque),
            new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        return (ToRgb(smaller, captureTime), width, height);
    }

    /// <summary>
    /// The smallest size not below <paramref name="maxSide"/> that the codec makes by itself, in eighths of the full one: it skips most of
    /// the work for them. Asked for a size in between it may take the one below.
    /// </summary>
    private static SKSizeI DecodeSize(SKCodec codec, int maxSide)
    {
        for (var eighths = 1; eighths < 8; eighths++)
        {
            var size = codec.GetScaledDimensions(eighths / 8f);
            if (Math.Max(size.Width, size.Height) >= maxSide)
            {
                return size;
            }
        }

        return codec.Info.Size;
    }

    internal static RgbFrame ToRgb(SKBitmap bitmap, DateTimeOffset captureTime)
    {
        var pixels = new byte[bitmap.Width * bitmap.Height * 3];
        var source = bitmap.GetPixelSpan();
        for (var y = 0; y < bitmap.Height; y++)
        {
            var row = source.Slice(y * bitmap.RowBytes, bitmap.Width * 4);
            var target = pixels.AsSpan(y * bitmap.Width * 3);
            for (var x = 0; x < bitmap.Width; x++)
            {
                row.Slice(x * 4, 3).CopyTo(target[(x * 3)..]);
            }
        }

        return new RgbFrame(captureTime, bitmap.Width, bitmap.Height, pixels);
    }
}
