using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>RMSNorm (arXiv 1910.07467). The mean is taken in 32 bits whatever the weights are.</summary>
internal sealed class RootMeanSquareNorm : Module<Tensor, Tensor>, IFusable
{
    private readonly Parameter _weight;
    private readonly double _epsilon;
    private CudaKernels? _kernels;

    public RootMeanSquareNorm(int size, double epsilon, LayerFactory layers)
        : base(nameof(RootMeanSquareNorm))
    {
        _epsilon = epsilon;
        _weight = layers.Ones(size);
        register_parameter("weight", _weight);
    }

    public override Tensor forward(Tensor hidden)
    {
        if (hidden.device_type == DeviceType.CUDA)
        {
            return _kernels is not null && hidden.is_contiguous() ? _kernels.RmsNorm(hidden, _weight, _epsilon) : Fused(hidden);
        }

        if (CpuKernels.TryRmsNorm(hidden, _weight, _epsilon) is { } normalized)
        {
            return normalized;
        }

        var wide = hidden.to(ScalarType.Float32);
        return (wide * wide.Squared().mean([-1L], keepdim: true).add(Scalars.Of(_epsilon), Scalars.One).rsqrt()).to(hidden.dtype) * _weight;
    }

    public void Fuse(CudaKernels? kernels) => _kernels = CudaKernels.TakesWidth(_weight.size(0)) ? kernels : null;

    /// <summary>The same in one call, rounded once at its end.</summary>
    internal Tensor Fused(Tensor hidden) => TorchScripts.RmsNorm(hidden, _weight, _epsilon);
}
