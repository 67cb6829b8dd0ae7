using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>A function of each number by itself.</summary>
internal interface ICpuFunction
{
    static abstract Vector512<float> Of(Vector512<float> x);
}

/// <summary>Activations of many numbers, in one pass. Torch's take up to five times as long.</summary>
internal static unsafe class CpuActivations
{
    private const int Lanes = 16;
    private const float Log2E = 1.44269504f;

    // The logarithm of 2 in two parts, the first of so few bits that its products with whole numbers are exact (Cody and Waite, 1980).
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float Least = -104; // exp of anything less is 0

    private const float GeluSlope = 1.59576912f; // twice the root of 2/pi
    private const float GeluCube = GeluSlope * 0.044715f;

    /// <summary>Overwrites numbers, contiguous, with their function.</summary>
    public static Tensor Apply<TFunction>(Tensor numbers)
        where TFunction : struct, ICpuFunction
    {
        var at = DeviceTensors.AddressOf(numbers.is_contiguous() ? numbers : throw new ArgumentException("is not contiguous", nameof(numbers)));
        Apply<TFunction>((float*)at, numbers.numel());
        return numbers;
    }

    /// <summary>Overwrites so many numbers with their function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply<TFunction>(float* numbers, long count)
        where TFunction : struct, ICpuFunction
    {
        var whole = count - (count % Lanes);
        for (var i = 0L; i < whole; i += Lanes)
        {
            TFunction.Of(Vector512.Load(numbers + i)).Store(numbers + i);
        }

        if (whole < count)
        {
            // The rest through a vector as well: every number is rounded alike, wherever it stands.
            var rest = new Span<float>(numbers + whole, (int)(count - whole));
            Span<float> vector = stackalloc float[Lanes];
            rest.CopyTo(vector);
            TFunction.Of(Vector512.Create<float>(vector)).CopyTo(vector);
            vector[..rest.Length].CopyTo(rest);
        }
    }

    /// <summary>SiLU of the first half of each row times the second, (B, N, D) of (B, N, 2 D): SwiGLU's middle; null where it is not made for them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Tensor? TrySiluTimes(Tensor halves)
    {
        if (!CpuKernels.TakeTokens(halves) || halves.size(2) % (2 * Lanes) != 0)
        {
            return null;
        }

        var width = (int)halves.size(2) / 2;
        var gated = empty(halves.size(0), halves.size(1), width);
        var from = (float*)DeviceTensors.AddressOf(halves);
        var to = (float*)DeviceTensors.AddressOf(gated);
        for (var end = to + gated.numel(); to < end; from += 2 * width, to += width)
        {
            for (var i = 0; i < width; i += Lanes)
            {
                (Silu.Of(Vector512.Load(from + i)) * Vector512.Load(from + width + i)).Store(to + i);
            }
        }

        GC.KeepAlive(halves); // its memory was read to here
        return gated;
    }

    /// <summary>e to the power of each, to 1e-7 of it; 0 below -104, not a number where that went in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a call would pass vectors through memory
    public static Vector512<float> Exp(Vector512<float> x)
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

    /// <summary>GELU by its tanh approximation: x (1 + tanh u) / 2, which is x times the logistic function of 2u.</summary>
    public readonly struct TanhGelu : ICpuFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x) =>
            x / (Vector512<float>.One + Exp(-(x * Vector512.FusedMultiplyAdd(x * x, Vector512.Create(GeluCube), Vector512.Create(GeluSlope)))));
    }

    /// <summary>x times its logistic function.</summary>
    public readonly struct Silu : ICpuFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x) => x / (Vector512<float>.One + Exp(-x));
    }
}
