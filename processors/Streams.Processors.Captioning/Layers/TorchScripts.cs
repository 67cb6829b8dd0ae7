using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>Functions of torch that TorchSharp has no names for. On a GPU each is one kernel in place of several.</summary>
internal static class TorchScripts
{
    private static readonly Lazy<jit.CompilationUnit> Compiled = new(() => jit.compile("""
        def rms_norm(hidden, weight, epsilon: float):
            return torch.rms_norm(hidden, [hidden.size(-1)], weight, epsilon)

        def linear_gelu(hidden, weight, bias):
            return torch._addmm_activation(bias, hidden, weight.t(), use_gelu=True)

        """));

    /// <summary>RMSNorm over the last dimension, rounded once at its end.</summary>
    public static Tensor RmsNorm(Tensor hidden, Tensor weight, double epsilon) => Compiled.Value.invoke<Tensor>("rms_norm", hidden, weight, epsilon);

    /// <summary>GELU of a projection of rows (N, D): on a GPU its tanh approximation, which other devices do not promise.</summary>
    public static Tensor LinearGelu(Tensor hidden, Tensor weight, Tensor bias) => Compiled.Value.invoke<Tensor>("linear_gelu", hidden, weight, bias);
}
