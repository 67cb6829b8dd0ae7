using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>Four vectors to one number each, at once: transposed while they are brought together, with a third of the steps of four by themselves.</summary>
internal static class VectorSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Of(Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth)
    {
        var low = (Avx512F.UnpackLow(first, second) + Avx512F.UnpackHigh(first, second)).AsDouble();
        var high = (Avx512F.UnpackLow(third, fourth) + Avx512F.UnpackHigh(third, fourth)).AsDouble();
        var all = Avx512F.UnpackLow(low, high).AsSingle() + Avx512F.UnpackHigh(low, high).AsSingle();
        var half = all.GetLower() + all.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LargestOf(Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth)
    {
        var low = Avx512F.Max(Avx512F.UnpackLow(first, second), Avx512F.UnpackHigh(first, second)).AsDouble();
        var high = Avx512F.Max(Avx512F.UnpackLow(third, fourth), Avx512F.UnpackHigh(third, fourth)).AsDouble();
        var all = Avx512F.Max(Avx512F.UnpackLow(low, high).AsSingle(), Avx512F.UnpackHigh(low, high).AsSingle());
        var half = Avx.Max(all.GetLower(), all.GetUpper());
        return Sse.Max(half.GetLower(), half.GetUpper());
    }
}
