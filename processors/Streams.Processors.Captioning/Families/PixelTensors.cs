using Streams.Processors.Captioning.Preprocessing;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Families;

/// <summary>Pictures as an encoder reads them.</summary>
internal static class PixelTensors
{
    /// <summary>Tiles of one size to (tiles, 3, H, W). Bytes go to the device, which does the arithmetic.</summary>
    public static Tensor Normalize(IReadOnlyList<RgbFrame> tiles, SmolVlmImageConfig config, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([tiles.Count, tiles[0].Height, tiles[0].Width, 3], ScalarType.Byte);
        for (var i = 0; i < tiles.Count; i++)
        {
            tiles[i].Pixels.Span.CopyTo(bytes[i].bytes);
        }

        var images = bytes.to(device).permute(0, 3, 1, 2).to(ScalarType.Float32) * config.RescaleFactor;
        var mean = tensor(config.Mean.ToArray(), device: device).view(1, 3, 1, 1);
        var deviation = tensor(config.Deviation.ToArray(), device: device).view(1, 3, 1, 1);
        return ((images - mean) / deviation).contiguous().MoveToOuterDisposeScope();
    }
}
