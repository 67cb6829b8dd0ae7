using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>Rotary positions (arXiv 2104.09864) of the many tokens of a prompt, and where their keys and values go, in one pass.</summary>
internal static unsafe class CpuRotary
{
    private const int Lanes = 4; // half a head is rarely more whole vectors

    /// <summary>
    /// Rotates the queries of a projection (B, N, heads x head) where they are, and stores the keys, rotated, and values that follow them. False, with nothing
    /// done, where it is not made for it.
    /// </summary>
    /// <param name="projected">Queries, keys and values of each token, in this order.</param>
    /// <param name="angles">Cosines and sines (N, head), as <see cref="RotaryTable"/> has them.</param>
    /// <param name="buffers">Where keys and values go.</param>
    /// <param name="queries">Heads of the queries; 0 where there are none.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRotateAndStore(Tensor projected, (Tensor Cosine, Tensor Sine) angles, KeyValueBuffers buffers, int queries)
    {
        var (keys, values) = (buffers.Keys, buffers.Values);
        var (shared, size) = ((int)keys.size(1), (int)keys.size(3));
        if (!CpuKernels.TakeTokens(projected) || buffers.Positions is not null || angles.Cosine.dim() != 2 || size % (2 * Lanes) != 0
            || angles.Cosine.dtype != ScalarType.Float32 || keys.dtype != ScalarType.Float32 || buffers.Start + projected.size(1) > keys.size(2))
        {
            return false;
        }

        var tokens = (int)projected.size(1);
        var row = (float*)DeviceTensors.AddressOf(projected);
        for (var item = 0; item < projected.size(0); item++)
        {
            var cosine = (float*)DeviceTensors.AddressOf(angles.Cosine);
            var sine = (float*)DeviceTensors.AddressOf(angles.Sine);
            var key = (float*)DeviceTensors.AddressOf(keys) + (item * keys.stride(0)) + (buffers.Start * size);
            var value = (float*)DeviceTensors.AddressOf(values) + (item * values.stride(0)) + (buffers.Start * size);
            for (var token = 0; token < tokens; token++, cosine += size, sine += size, key += size, value += size)
            {
                for (var head = 0; head < queries; head++, row += size)
                {
                    Rotate(row, row, cosine, sine, size);
                }

                for (var head = 0; head < shared; head++, row += size)
                {
                    Rotate(row, key + (head * keys.stride(1)), cosine, sine, size);
                }

                for (var head = 0; head < shared; head++, row += size)
                {
                    new ReadOnlySpan<float>(row, size).CopyTo(new Span<float>(value + (head * values.stride(1)), size));
                }
            }
        }

        // Their memory was read to here, whatever else still knows them.
        GC.KeepAlive(projected);
        GC.KeepAlive(angles.Cosine);
        GC.KeepAlive(angles.Sine);
        GC.KeepAlive(buffers);
        return true;
    }

    private static void Rotate(float* head, float* to, float* cosine, float* sine, int size)
    {
        var half = size / 2;
        for (var i = 0; i < half; i += Lanes)
        {
            var (first, second) = (Vector128.Load(head + i), Vector128.Load(head + half + i));
            ((first * Vector128.Load(cosine + i)) + (second * Vector128.Load(sine + i))).Store(to + i); // the sine has its sign turned
            ((second * Vector128.Load(cosine + half + i)) + (first * Vector128.Load(sine + half + i))).Store(to + half + i);
        }
    }
}
