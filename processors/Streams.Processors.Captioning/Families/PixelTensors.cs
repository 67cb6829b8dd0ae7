using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Schemas.Frames;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Families;

/// <summary>Pictures as an encoder reads them.</summary>
internal sealed class PixelTensors : IDisposable
{
    private readonly Device _device;
    private readonly Scalar _factor;
    private readonly Tensor _mean;
    private readonly Tensor _deviation;

    public PixelTensors(SmolVlmImageConfig config, Device device)
    {
        // Made once: to send them with every picture would make the host wait for the device.
        (_device, _factor) = (device, config.RescaleFactor.ToScalar());
        _mean = tensor(config.Mean.ToArray(), device: device).view(1, 3, 1, 1).DetachFromDisposeScope();
        _deviation = tensor(config.Deviation.ToArray(), device: device).view(1, 3, 1, 1).DetachFromDisposeScope();
    }

    /// <summary>Tiles of one size to (tiles, 3, H, W). Bytes go to the device, which does the arithmetic.</summary>
    public Tensor Normalize(IReadOnlyList<RgbFrame> tiles)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([tiles.Count, tiles[0].Height, tiles[0].Width, 3], ScalarType.Byte);
        for (var i = 0; i < tiles.Count; i++)
        {
            tiles[i].Pixels.Span.CopyTo(bytes[i].bytes);
        }

        var images = DeviceTensors.Send(bytes, _device).permute(0, 3, 1, 2).to(ScalarType.Float32) * _factor;
        return ((images - _mean) / _deviation).contiguous().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _mean.Dispose();
        _deviation.Dispose();
        _factor.Dispose();
    }
}
