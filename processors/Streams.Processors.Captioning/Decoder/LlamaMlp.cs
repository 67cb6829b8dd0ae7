using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>The SwiGLU feed-forward (arXiv 2002.05202), whole or as one expert of a mixture: there Mixtral's checkpoints name its layers otherwise.</summary>
internal sealed class LlamaMlp : Module<Tensor, Tensor>, IFusable
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;
    private FusedLinear? _gateAndUp;
    private CudaKernels? _kernels;

    public LlamaMlp(TextConfig config, LayerFactory layers, string gate = "gate_proj", string up = "up_proj", string down = "down_proj")
        : base(nameof(LlamaMlp))
    {
        _gate = layers.Linear(config.HiddenSize, config.IntermediateSize, bias: false);
        _up = layers.Linear(config.HiddenSize, config.IntermediateSize, bias: false);
        _down = layers.Linear(config.IntermediateSize, config.HiddenSize, bias: false);
        register_module(gate, _gate);
        register_module(up, _up);
        register_module(down, _down);
    }

    public override Tensor forward(Tensor hidden) => _down.Project(Gated(hidden));

    /// <summary>Adds the same of <paramref name="normalized"/> (..., D) to <paramref name="hidden"/>, in the product itself.</summary>
    public void AddTo(Tensor hidden, Tensor normalized) => _down.AddTo(hidden, Gated(normalized));

    public void Fuse(CudaKernels? kernels)
    {
        _gateAndUp = new FusedLinear(_gate, _up);
        _kernels = _gate.weight.size(0) % 8 == 0 ? kernels : null;
    }

    private Tensor Gated(Tensor hidden)
    {
        if (_kernels is not null)
        {
            return _kernels.SiluTimes(_gateAndUp!.Apply(hidden));
        }

        if (_gateAndUp is not null && CpuKernels.TakeTokens(hidden) && CpuActivations.TrySiluTimes(_gateAndUp.Apply(hidden)) is { } gated)
        {
            return gated;
        }

        // Many rows are better off with two products: halves of one are not in one piece, and what follows reads them slower.
        if (_gateAndUp is null || hidden.size(-2) > 1)
        {
            var (gate, up) = (_gate.Project(hidden), _up.Project(hidden));
            return gate.MayBeOverwritten() ? functional.silu(gate, inplace: true).mul_(up) : functional.silu(gate) * up;
        }

        var halves = _gateAndUp.Apply(hidden).chunk(2, -1);
        return functional.silu(halves[0]) * halves[1];
    }
}
