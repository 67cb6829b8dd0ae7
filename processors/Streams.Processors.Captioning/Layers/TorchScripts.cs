using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>Functions of torch that TorchSharp has no names for.</summary>
internal static class TorchScripts
{
    private static readonly Lazy<jit.CompilationUnit> Compiled = new(() => jit.compile("""
        def rms_norm(hidden, weight, epsilon: float):
            return torch.rms_norm(hidden, [hidden.size(-1)], weight, epsilon)

        def linear_gelu(hidden, weight, bias):
            return torch._addmm_activation(bias, hidden, weight.t(), use_gelu=True)

        def grouped_causal_attention(query, key, value):
            return torch.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)

        def pointwise_convolution(input, weight, bias: Optional[Tensor]):
            pixels = input.view(1, 1, input.size(0) * input.size(1), input.size(2)).permute(0, 3, 1, 2)
            kernel = weight.view(weight.size(0), weight.size(1), 1, 1)
            output = torch.mkldnn_convolution(pixels, kernel, bias, [0, 0], [1, 1], [1, 1], 1)
            return output.permute(0, 2, 3, 1).view(input.size(0), input.size(1), weight.size(0))

        """));

    /// <summary>RMSNorm over the last dimension, rounded once at its end.</summary>
    public static Tensor RmsNorm(Tensor hidden, Tensor weight, double epsilon) => Compiled.Value.invoke<Tensor>("rms_norm", hidden, weight, epsilon);

    /// <summary>Causal attention of (B, heads, N, head) over keys and values of fewer heads, each shared by neighbours.</summary>
    public static Tensor GroupedCausalAttention(Tensor query, Tensor key, Tensor value) =>
        Compiled.Value.invoke<Tensor>("grouped_causal_attention", query, key, value);

    /// <summary>
    /// The projection (B, N, outputs) of a contiguous input (B, N, inputs) as one image's convolution, by oneDNN whatever the size: torch's own choice is MKL for
    /// fewer than 16 images.
    /// </summary>
    public static Tensor PointwiseConvolution(Tensor input, Tensor weight, Tensor? bias) =>
        Compiled.Value.invoke<Tensor>("pointwise_convolution", input, weight, bias);

    /// <summary>GELU of a projection of rows (N, D): on a GPU its tanh approximation, which other devices do not promise.</summary>
    public static Tensor LinearGelu(Tensor hidden, Tensor weight, Tensor bias) => Compiled.Value.invoke<Tensor>("linear_gelu", hidden, weight, bias);
}
