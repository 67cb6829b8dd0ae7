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
    private const float Log2E = 1.44269504f;

    // The logarithm of 2 in two parts, the first of so few bits that its products with whole numbers are exact (Cody and Waite, 1980).
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float Least = -104; // exp of anything less is 0

    private static readonly float GeluSlope = (float)(2 * Math.Sqrt(2 / Math.PI));
    private static readonly float GeluCube = (float)(2 * Math.Sqrt(2 / Math.PI) * 0.044715);

    // Of one item, so that its batch changes nothing. Fewer are torch's: oneDNN alone lays out the weights anew every time, in 20 microseconds and more.
    private const long TokensAtLeast = 32;

    /// <summary>Whether they are for this tensor.</summary>
    public static bool Take(Tensor tensor) =>
        Avx512F.IsSupported && is_inference_mode_enabled() && tensor.device_type == DeviceType.CPU && tensor.dtype == ScalarType.Float32;

    /// <summary>Whether those for many tokens (B, N, D) are for these: enough of them an item, and D whole vectors.</summary>
    public static bool TakeTokens(Tensor hidden) =>
        hidden.dim() == 3 && hidden.size(1) >= TokensAtLeast && hidden.size(2) % Vector512<float>.Count == 0 && Take(hidden) && hidden.is_contiguous();

    /// <summary>
    /// Overwrites numbers, contiguous, with their GELU by its tanh approximation: x (1 + tanh u) / 2, which is x times the logistic function of 2u. Torch's takes
    /// five times as long.
    /// </summary>
    public static unsafe Tensor TanhGelu(Tensor numbers)
    {
        var at = (float*)DeviceTensors.AddressOf(numbers.is_contiguous() ? numbers : throw new ArgumentException("is not contiguous", nameof(numbers)));
        var count = numbers.numel();
        var slope = Vector512.Create(GeluSlope);
        var cube = Vector512.Create(GeluCube);
        Vector512<float> Of(Vector512<float> x) =>
            x / (Vector512<float>.One + Exp(-(x * Vector512.FusedMultiplyAdd(x * x, cube, slope))));
        var whole = count - (count % Vector512<float>.Count);
        for (var i = 0L; i < whole; i += Vector512<float>.Count)
        {
            Of(Vector512.Load(at + i)).Store(at + i);
        }

        if (whole < count)
        {
            // The rest through a vector as well: every number is rounded alike, wherever it stands.
            var rest = new Span<float>(at + whole, (int)(count - whole));
            Span<float> vector = stackalloc float[Vector512<float>.Count];
            rest.CopyTo(vector);
            Of(Vector512.Create<float>(vector)).CopyTo(vector);
            vector[..rest.Length].CopyTo(rest);
        }

        return numbers;
    }

    /// <summary>LayerNorm of (B, N, D) over D; null where it is not for them.</summary>
    public static Tensor? TryLayerNorm(Tensor hidden, Tensor weight, Tensor bias, double epsilon) => TryNormalize(hidden, weight, bias, epsilon);

    /// <summary>RMSNorm of (B, N, D) over D; null where it is not for them.</summary>
    public static Tensor? TryRmsNorm(Tensor hidden, Tensor weight, double epsilon) => TryNormalize(hidden, weight, null, epsilon);

    /// <summary>e to the power of each, to 1e-7 of it; 0 below -104, not a number where that went in.</summary>
    internal static Vector512<float> Exp(Vector512<float> x)
    {
        x = Avx512F.Max(Vector512.Create(Least), x); // of a number and none it gives the second
        var exponent = Avx512F.RoundScale(x * Log2E, 0);
        var rest = Vector512.FusedMultiplyAdd(exponent, Vector512.Create(-Ln2High), x);
        rest = Vector512.FusedMultiplyAdd(exponent, Vector512.Create(-Ln2Low), rest);

        // The polynomial of Cephes' expf for a rest within half a logarithm of 2 (Moshier, netlib.org/cephes).
        var power = Vector512.Create(1.9875691500e-4f);
        power = Vector512.FusedMultiplyAdd(power, rest, Vector512.Create(1.3981999507e-3f));
        power = Vector512.FusedMultiplyAdd(power, rest, Vector512.Create(8.3334519073e-3f));
        power = Vector512.FusedMultiplyAdd(power, rest, Vector512.Create(4.1665795894e-2f));
        power = Vector512.FusedMultiplyAdd(power, rest, Vector512.Create(1.6666665459e-1f));
        power = Vector512.FusedMultiplyAdd(power, rest, Vector512.Create(5.0000001201e-1f));
        power = Vector512.FusedMultiplyAdd(power, rest * rest, rest + Vector512<float>.One);
        return Avx512F.Scale(power, exponent);
    }

    // With a bias the mean is taken away first.
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
