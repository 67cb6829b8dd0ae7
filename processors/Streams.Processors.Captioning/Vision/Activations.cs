using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Vision;

/// <summary>Activation functions by the names that Hugging Face gives them. What they are given they may overwrite, where nobody learns from it.</summary>
internal static class Activations
{
    /// <summary>GELU by its tanh approximation.</summary>
    public const string TanhGelu = "gelu_pytorch_tanh";

    private static readonly Scalar QuickGelu = Scalars.Of(1.702);

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Known = new()
    {
        ["quick_gelu"] = wide => wide * sigmoid(wide * QuickGelu),
        ["gelu"] = wide => nn.functional.gelu(wide),
        [TanhGelu] = wide => CpuKernels.Take(wide) && wide.is_contiguous()
            ? CpuActivations.Apply<CpuActivations.TanhGelu>(wide)
            : nn.functional.gelu(wide, GELU.Approximate.tanh, wide.MayBeOverwritten()),
        ["silu"] = wide => nn.functional.silu(wide),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <exception cref="ModelConfigException">Not a known name.</exception>
    public static Func<Tensor, Tensor> Find(string field, string name) => Known.TryGetValue(name, out var activation)
        ? activation
        : throw new ModelConfigException(field, $"\"{name}\" is not built; give one of {string.Join(", ", Names)}");
}
