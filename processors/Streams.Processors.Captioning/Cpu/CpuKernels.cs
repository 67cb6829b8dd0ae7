using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>
/// What torch does slowly on a CPU with AVX-512, in one pass each. For inference in 32 bits; everything else, training above all, stays with torch.
/// </summary>
internal static class CpuKernels
{
    // Of one item, so that its batch changes nothing. For fewer, weights are not laid out anew.
    private const long TokensAtLeast = 32;
    private const long WeightsAtMost = 1 << 18;

    /// <summary>Whether they are for this tensor.</summary>
    public static bool Take(Tensor tensor) =>
        Avx512F.IsSupported && is_inference_mode_enabled() && tensor.device_type == DeviceType.CPU && tensor.dtype == ScalarType.Float32;

    /// <summary>Whether those for many tokens (B, N, D) are for these: enough of them an item, and D whole vectors.</summary>
    public static bool TakeTokens(Tensor hidden) =>
        hidden.dim() == 3 && hidden.size(1) >= TokensAtLeast && hidden.size(2) % Vector512<float>.Count == 0 && Take(hidden) && hidden.is_contiguous();

    /// <summary>Whether these weights (outputs, inputs) are few enough for products of our own: many are better off with all cores.</summary>
    public static bool TakeWeights(Tensor weight) => weight.numel() <= WeightsAtMost && weight.dtype == ScalarType.Float32 && weight.is_contiguous();

    /// <summary>LayerNorm of (B, N, D) over D; null where it is not for them.</summary>
    public static Tensor? TryLayerNorm(Tensor hidden, Tensor weight, Tensor bias, double epsilon) => TryNormalize(hidden, weight, bias, epsilon);

    /// <summary>RMSNorm of (B, N, D) over D; null where it is not for them.</summary>
    public static Tensor? TryRmsNorm(Tensor hidden, Tensor weight, double epsilon) => TryNormalize(hidden, weight, null, epsilon);

    // With a bias the mean is taken away first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe Tensor? TryNormalize(Tensor hidden, Tensor weight, Tensor? bias, double epsilon)
    {
        if (!TakeTokens(hidden))
        {
            return null;
        }

        var normalized = empty_like(hidden);
        var row = (float*)DeviceTensors.AddressOf(hidden);
        var result = (float*)DeviceTensors.AddressOf(normalized);
        var scales = (float*)DeviceTensors.AddressOf(weight);
        var offsets = bias is null ? null : (float*)DeviceTensors.AddressOf(bias);
        var width = (int)hidden.size(2);
        for (var end = row + hidden.numel(); row < end; row += width, result += width)
        {
            var mean = Vector512.Create(offsets is null ? 0 : Vector512.Sum(Sum(row, width)) / width);
            var squares = Vector512<float>.Zero;
            for (var i = 0; i < width; i += Vector512<float>.Count)
            {
                var centred = Vector512.Load(row + i) - mean;
                squares = Vector512.FusedMultiplyAdd(centred, centred, squares);
            }

            var scale = Vector512.Create(1 / MathF.Sqrt((Vector512.Sum(squares) / width) + (float)epsilon));
            for (var i = 0; i < width; i += Vector512<float>.Count)
            {
                var numbers = (Vector512.Load(row + i) - mean) * scale;
                numbers = offsets is null
                    ? numbers * Vector512.Load(scales + i)
                    : Vector512.FusedMultiplyAdd(numbers, Vector512.Load(scales + i), Vector512.Load(offsets + i));
                numbers.Store(result + i);
            }
        }

        // Their memory was read to here, whatever else still knows them.
        GC.KeepAlive(hidden);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return normalized;
    }

    private static unsafe Vector512<float> Sum(float* numbers, int count)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < count; i += Vector512<float>.Count)
        {
            sum += Vector512.Load(numbers + i);
        }

        return sum;
    }
}
