using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>What convolutional blocks do to the channels of pictures (B, pixels, C), channels last and whole vectors of them.</summary>
internal static unsafe class ChannelKernels
{
    private const int Lanes = 16;
    private const int Side = 3;

    /// <summary>Whether they are for a map (B, C, rows, columns) and a block of so many channels: those of the map lie together, and both fill whole vectors.</summary>
    public static bool Take(Tensor map, int channels) =>
        CpuKernels.Take(map) && map.size(1) % Lanes == 0 && channels % Lanes == 0 && map.stride(1) == 1 && map.stride(3) == map.size(1)
        && map.stride(2) == map.size(3) * map.size(1) && map.stride(0) == map.size(2) * map.stride(2);

    /// <summary>Convolution of each channel by itself: (B, rows x columns, C), of the same with kernels (C, 1, 3, 3), at padding 1.</summary>
    public static Tensor Depthwise(Tensor pixels, Tensor kernels, int rows, int columns)
    {
        var convolved = empty_like(pixels);
        var channels = (int)pixels.size(2);
        var from = (float*)DeviceTensors.AddressOf(pixels);
        var to = (float*)DeviceTensors.AddressOf(convolved);
        using var taps = kernels.view(channels, Side * Side).t().contiguous();
        var weights = (float*)DeviceTensors.AddressOf(taps);
        for (var end = from + pixels.numel(); from < end; from += rows * columns * channels)
        {
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++, to += channels)
                {
                    Convolve(from, row, column, rows, columns, channels, weights, to);
                }
            }
        }

        GC.KeepAlive(pixels); // its memory was read to here
        return convolved;
    }

    /// <summary>Multiplies each channel of pictures (B, pixels, C) by the logistic function of its gate (B, C).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gate(Tensor pixels, Tensor gates)
    {
        var (count, channels) = ((int)pixels.size(1), (int)pixels.size(2));
        var at = (float*)DeviceTensors.AddressOf(pixels);
        using var contiguous = gates.contiguous();
        var gate = (float*)DeviceTensors.AddressOf(contiguous);
        for (var end = at + pixels.numel(); at < end; at += count * channels, gate += channels)
        {
            for (var channel = 0; channel < channels; channel += Lanes)
            {
                var open = Vector512<float>.One / (Vector512<float>.One + CpuActivations.Exp(-Vector512.Load(gate + channel)));
                var pixel = at + channel;
                for (var i = 0; i < count; i++, pixel += channels)
                {
                    (Vector512.Load(pixel) * open).Store(pixel);
                }
            }
        }

        GC.KeepAlive(pixels); // its memory was written to here
    }

    // All channels of one pixel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convolve(float* picture, int row, int column, int rows, int columns, int channels, float* weights, float* to)
    {
        var (top, bottom) = (Math.Max(row - 1, 0), Math.Min(row + 1, rows - 1));
        var (left, right) = (Math.Max(column - 1, 0), Math.Min(column + 1, columns - 1));
        for (var channel = 0; channel < channels; channel += Lanes)
        {
            var sum = Vector512<float>.Zero;
            for (var y = top; y <= bottom; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    var tap = ((y - row + 1) * Side) + x - column + 1;
                    sum = Vector512.FusedMultiplyAdd(
                        Vector512.Load(picture + (((y * columns) + x) * channels) + channel), Vector512.Load(weights + (tap * channels) + channel), sum);
                }
            }

            sum.Store(to + channel);
        }
    }
}
