using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>
/// A linear layer of the few rows of a decoding step. MKL copies the weights into an order of its own at every call, which for eight rows takes as long as the
/// product. Here every number of the result is summed alike, however many rows there are.
/// </summary>
internal static unsafe class FewRows
{
    private const int Lanes = 16;
    private const int Block = 4; // rows and outputs at a time: each number that is loaded serves four products

    /// <summary>The projection (N, outputs) or (B, N, outputs) of an input (N, inputs) or (B, N, inputs); null where it is not made for it.</summary>
    public static Tensor? TryProject(Tensor input, Tensor weight, Tensor? bias)
    {
        var (inputs, outputs) = ((int)weight.size(1), (int)weight.size(0));
        if (input.dim() is not (2 or 3) || inputs < Lanes || outputs < Block || !CpuKernels.Take(input) || !CpuKernels.TakeWeights(weight))
        {
            return null;
        }

        // A copy is better than another way: of one item the same rows are in one piece, and both are to be summed alike.
        input = input.contiguous();

        var projected = input.dim() == 3 ? empty(input.size(0), input.size(1), outputs) : empty(input.size(0), outputs);
        var rows = (int)(input.numel() / inputs);
        var from = (float*)DeviceTensors.AddressOf(input);
        var weights = (float*)DeviceTensors.AddressOf(weight);
        var to = (float*)DeviceTensors.AddressOf(projected);
        var offsets = bias is null ? null : (float*)DeviceTensors.AddressOf(bias);
        for (var output = 0; output < outputs; output += Block)
        {
            // Of the last ones some for the second time, to the same numbers.
            var first = Math.Min(output, outputs - Block);
            var offset = offsets is null ? Vector128<float>.Zero : Vector128.Load(offsets + first);
            for (var row = 0; row < rows; row += Block)
            {
                Multiply(from + (row * inputs), Math.Min(Block, rows - row), weights + (first * inputs), inputs, offset, to + (row * outputs) + first, outputs);
            }
        }

        // Their memory was read to here, whatever else still knows them.
        GC.KeepAlive(input);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return projected;
    }

    // Four outputs of up to four rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* rows, int count, float* weights, int inputs, Vector128<float> offset, float* to, int stride)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;

        // Rows that are not there are the last one again.
        var (second, third, fourth) = (Math.Min(1, count - 1) * inputs, Math.Min(2, count - 1) * inputs, Math.Min(3, count - 1) * inputs);
        var counted = Vector512<float>.AllBitsSet;
        for (var end = Lanes; end < inputs + Lanes; end += Lanes)
        {
            // The last vector ends where the row does. What it has in common with the one before is not counted twice.
            var i = Math.Min(end, inputs) - Lanes;
            if (end > inputs)
            {
                counted = Vector512.GreaterThanOrEqual(Vector512<float>.Indices, Vector512.Create((float)(end - inputs)));
            }

            var weight = weights + i;
            var (w0, w1) = (Vector512.Load(weight), Vector512.Load(weight + inputs));
            var (w2, w3) = (Vector512.Load(weight + (2 * inputs)), Vector512.Load(weight + (3 * inputs)));
            var x = Vector512.Load(rows + i) & counted;
            a0 = Vector512.FusedMultiplyAdd(x, w0, a0);
            a1 = Vector512.FusedMultiplyAdd(x, w1, a1);
            a2 = Vector512.FusedMultiplyAdd(x, w2, a2);
            a3 = Vector512.FusedMultiplyAdd(x, w3, a3);
            x = Vector512.Load(rows + second + i) & counted;
            b0 = Vector512.FusedMultiplyAdd(x, w0, b0);
            b1 = Vector512.FusedMultiplyAdd(x, w1, b1);
            b2 = Vector512.FusedMultiplyAdd(x, w2, b2);
            b3 = Vector512.FusedMultiplyAdd(x, w3, b3);
            x = Vector512.Load(rows + third + i) & counted;
            c0 = Vector512.FusedMultiplyAdd(x, w0, c0);
            c1 = Vector512.FusedMultiplyAdd(x, w1, c1);
            c2 = Vector512.FusedMultiplyAdd(x, w2, c2);
            c3 = Vector512.FusedMultiplyAdd(x, w3, c3);
            x = Vector512.Load(rows + fourth + i) & counted;
            d0 = Vector512.FusedMultiplyAdd(x, w0, d0);
            d1 = Vector512.FusedMultiplyAdd(x, w1, d1);
            d2 = Vector512.FusedMultiplyAdd(x, w2, d2);
            d3 = Vector512.FusedMultiplyAdd(x, w3, d3);
        }

        (VectorSums.Of(a0, a1, a2, a3) + offset).Store(to);
        if (count > 1)
        {
            (VectorSums.Of(b0, b1, b2, b3) + offset).Store(to + stride);
        }

        if (count > 2)
        {
            (VectorSums.Of(c0, c1, c2, c3) + offset).Store(to + (2 * stride));
        }

        if (count > 3)
        {
            (VectorSums.Of(d0, d1, d2, d3) + offset).Store(to + (3 * stride));
        }
    }
}
