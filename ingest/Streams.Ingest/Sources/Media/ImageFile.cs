using SkiaSharp;
using Streams.Ingest.Decoding;
using Streams.Schemas.Frames;

namespace Streams.Ingest.Sources.Media;

/// <summary>Reads a picture: JPEG, PNG, WebP, GIF or BMP.</summary>
public static class ImageFile
{
    /// <summary>The picture at its full size.</summary>
    /// <exception cref="SourceException">Not there, no picture, cut off, or above 20 megapixels.</exception>
    public static RgbFrame Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new SourceException($"'{path}' is not there; give a picture");
        }

        using var codec = SKCodec.Create(path, out var opened)
            ?? throw new SourceException($"'{path}' ({new FileInfo(path).Length} bytes) is not a picture ({opened}); give a JPEG, PNG, WebP, GIF or BMP");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        // Asked before any pixel is allocated, so that a small file cannot claim a huge picture.
        if ((long)width * height > JpegDecoder.MaxPixels)
        {
            throw new SourceException($"'{path}' has {width}x{height} pixels; at most {JpegDecoder.MaxPixels:n0} pixels are allowed: scale it down");
        }

        // Transparency is dropped and the colours below it kept, as Pillow does; a codec refuses to call a picture opaque that is not.
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, alpha));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        return result == SKCodecResult.Success
            ? JpegDecoder.ToRgb(bitmap, default)
            : throw new SourceException($"'{path}' is damaged ({result}); give the whole file");
    }
}
