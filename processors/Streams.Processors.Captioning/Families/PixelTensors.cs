using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Schemas.Frames;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Families;

/// <summary>Pictures as an encoder reads them. Belongs to one caller at a time.</summary>
internal sealed class PixelTensors : IDisposable
{
    private const int StagesAtMost = 3;
    private readonly Device _device;
    private readonly CudaKernels? _kernels;
    private readonly double _rescale;
    private readonly Scalar _factor;
    private readonly Tensor _mean;
    private readonly Tensor _deviation;

    // Locked memory that bytes leave a GPU's host from, the longest unused first. Kept: to take tens of megabytes anew each time costs more than to fill them.
    private readonly Queue<(Tensor Memory, CudaEvent Sent)> _stages = new();

    /// <param name="config">How pictures are normalised.</param>
    /// <param name="device">Where to.</param>
    /// <param name="kernels">What does it in one pass; null for torch alone.</param>
    public PixelTensors(SmolVlmImageConfig config, Device device, CudaKernels? kernels = null)
    {
        _kernels = kernels;
        // Made once: to send them with every picture would make the host wait for the device.
        (_device, _rescale, _factor) = (device, config.RescaleFactor, Scalars.Of(config.RescaleFactor));
        _mean = tensor(config.Mean.ToArray(), device: device).view(1, 3, 1, 1).DetachFromDisposeScope();
        _deviation = tensor(config.Deviation.ToArray(), device: device).view(1, 3, 1, 1).DetachFromDisposeScope();
    }

    /// <summary>Tiles of one size to (tiles, 3, H, W) of <paramref name="type"/>. Bytes go to the device, which does the arithmetic in 32 bits.</summary>
    public Tensor Normalize(IReadOnlyList<RgbFrame> tiles, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var bytes = Send(tiles);
        if (_kernels is not null && type == ScalarType.BFloat16 && tiles[0].Height * tiles[0].Width % 8 == 0)
        {
            return _kernels.NormalizePixels(bytes, _mean, _deviation, _rescale).MoveToOuterDisposeScope();
        }

        var images = bytes.permute(0, 3, 1, 2).to(ScalarType.Float32) * _factor;
        return ((images - _mean) / _deviation).contiguous().to(type).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        while (_stages.TryDequeue(out var stage))
        {
            stage.Memory.Dispose();
            stage.Sent.Dispose();
        }

        _mean.Dispose();
        _deviation.Dispose();
    }

    // (tiles, H, W, 3) on the device.
    private Tensor Send(IReadOnlyList<RgbFrame> tiles)
    {
        long[] shape = [tiles.Count, tiles[0].Height, tiles[0].Width, 3];
        var size = shape.Aggregate(1L, (product, side) => product * side);
        var memory = CudaEvent.IsSupported(_device) ? TakeStage(size) : empty([size], ScalarType.Byte);
        var bytes = memory.bytes;
        foreach (var tile in tiles)
        {
            tile.Pixels.Span.CopyTo(bytes);
            bytes = bytes[tile.Pixels.Length..];
        }

        var sent = memory.narrow(0, 0, size).view(shape).to(_device, non_blocking: true);
        if (CudaEvent.TryRecord(_device) is { } done)
        {
            _stages.Enqueue((memory, done));
        }

        return sent;
    }

    private Tensor TakeStage(long size)
    {
        if (_stages.Count == StagesAtMost)
        {
            var (memory, sent) = _stages.Dequeue();
            sent.Synchronize();
            sent.Dispose();
            if (memory.numel() >= size)
            {
                return memory;
            }

            memory.Dispose();
        }

        return empty([size], ScalarType.Byte).pin_memory().DetachFromDisposeScope();
    }
}
