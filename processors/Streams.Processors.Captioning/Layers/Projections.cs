using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Cuda;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>Linear layers and norms as the device likes them.</summary>
internal static class Projections
{
    /// <summary>
    /// A projection of (..., inputs). On a GPU as rows: of more than two dimensions torch's C++ side adds the bias in a pass of its own, which costs as much as
    /// the product. On a CPU by <see cref="ManyRows"/> or <see cref="FewRows"/>, where those are faster.
    /// </summary>
    public static Tensor Project(this Linear layer, Tensor input) => Project(input, layer.weight, layer.bias);

    /// <inheritdoc cref="Project(Linear, Tensor)"/>
    public static Tensor Project(Tensor input, Tensor weight, Tensor? bias)
    {
        Tensor Product(Tensor rows) => nn.functional.linear(rows, weight, bias);
        return ManyRows.TryProject(input, weight, bias) ?? FewRows.TryProject(input, weight, bias) ?? (bias is null ? Product(input) : AsRows(input, Product));
    }

    /// <summary>Whether what was computed for its reader alone may be written over: nobody learns from it. New memory costs time, too.</summary>
    public static bool MayBeOverwritten(this Tensor intermediate) => !intermediate.requires_grad;

    /// <summary>LayerNorm, by <paramref name="kernels"/> where they are given and made for its width, by those of the CPU there.</summary>
    public static Tensor Normalize(this LayerNorm norm, Tensor hidden, double epsilon, CudaKernels? kernels) =>
        kernels is not null && CudaKernels.TakesWidth(hidden.size(-1)) && hidden.is_contiguous()
            ? kernels.LayerNorm(hidden, norm.weight, norm.bias!, epsilon)
            : CpuKernels.TryLayerNorm(hidden, norm.weight!, norm.bias!, epsilon) ?? norm.forward(hidden);

    /// <summary>Adds a projection (..., outputs), without a bias, of an input (..., inputs) to <paramref name="sum"/>, which is contiguous: rounded once.</summary>
    public static void AddTo(this Linear layer, Tensor sum, Tensor input) =>
        sum.view(-1, sum.size(-1)).addmm_(input.reshape(-1, input.size(-1)), layer.weight.t());

    /// <summary>Runs <paramref name="product"/> on the rows of an input, where the device is a GPU.</summary>
    public static Tensor AsRows(Tensor input, Func<Tensor, Tensor> product)
    {
        if (input.device_type != DeviceType.CUDA || input.dim() == 2)
        {
            return product(input);
        }

        var shape = input.shape;
        return product(input.reshape(-1, shape[^1])).view([.. shape[..^1], -1]);
    }
}
