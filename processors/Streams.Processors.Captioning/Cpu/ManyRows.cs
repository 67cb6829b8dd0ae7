using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>
/// A linear layer of many tokens: by products of our own where the weights fit a cache, else as a 1x1 convolution. Torch gives products of 32 bits to MKL, which on
/// AMD's processors stays with AVX2, and convolutions to oneDNN, whose AVX-512 is up to 2.3 times as fast there.
/// </summary>
internal static unsafe class ManyRows
{
    /// <summary>The projection (B, N, outputs) of an input (B, N, inputs); null where it is not made for them.</summary>
    public static Tensor? TryProject(Tensor input, Tensor weight, Tensor? bias)
    {
        if (!CpuKernels.TakeTokens(input))
        {
            return null;
        }

        var (inputs, outputs) = ((int)weight.size(1), (int)weight.size(0));
        if (!CpuKernels.TakeWeights(weight))
        {
            return TorchScripts.PointwiseConvolution(input, weight, bias);
        }

        var (items, tokens) = (input.size(0), input.size(1));
        var projected = empty(items, tokens, outputs);
        var packed = Scratch.Take(PatchProducts.PackedSize(inputs, outputs));
        PatchProducts.Pack((float*)DeviceTensors.AddressOf(weight), bias is null ? null : (float*)DeviceTensors.AddressOf(bias), inputs, outputs, packed);
        PatchProducts.Multiply(
            new Patches(inputs, 1, inputs, 0), (float*)DeviceTensors.AddressOf(input), (int)(items * tokens), packed, outputs, (float*)DeviceTensors.AddressOf(projected), outputs);

        // Their memory was read to here, whatever else still knows them.
        GC.KeepAlive(input);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return projected;
    }
}
