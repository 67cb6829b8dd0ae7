using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>Inner loops over rows of doubles. Hot path: `-- graphs speed`. The result never depends on where an array lies in memory.</summary>
internal static class Kernels
{
    /// <summary>aᵀb, in four running sums a lane, so that additions do not wait for each other.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var length = a.Length;
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var right = ref MemoryMarshal.GetReference(b[..length]);
        Vector<double> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var lanes = Vector<double>.Count;
        var i = 0;
        for (; i <= length - (4 * lanes); i += 4 * lanes)
        {
            sum0 = Vector.MultiplyAddEstimate(Load(ref left, i), Load(ref right, i), sum0);
            sum1 = Vector.MultiplyAddEstimate(Load(ref left, i + lanes), Load(ref right, i + lanes), sum1);
            sum2 = Vector.MultiplyAddEstimate(Load(ref left, i + (2 * lanes)), Load(ref right, i + (2 * lanes)), sum2);
            sum3 = Vector.MultiplyAddEstimate(Load(ref left, i + (3 * lanes)), Load(ref right, i + (3 * lanes)), sum3);
        }

        for (; i <= length - lanes; i += lanes)
        {
            sum0 = Vector.MultiplyAddEstimate(Load(ref left, i), Load(ref right, i), sum0);
        }

        var sum = Vector.Sum(sum0 + sum1 + (sum2 + sum3));
        for (; i < length; i++)
        {
            sum += Unsafe.Add(ref left, i) * Unsafe.Add(ref right, i);
        }

        return sum;
    }

    /// <summary>y += factor x.</summary>
    public static void AddScaled(Span<double> y, double factor, ReadOnlySpan<double> x)
    {
        ref var to = ref MemoryMarshal.GetReference(y);
        ref var from = ref MemoryMarshal.GetReference(x[..y.Length]);
        var wide = new Vector<double>(factor);
        var i = 0;
        for (; i <= y.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Store(Vector.MultiplyAddEstimate(wide, Load(ref from, i), Load(ref to, i)), ref to, i);
        }

        for (; i < y.Length; i++)
        {
            Unsafe.Add(ref to, i) += factor * Unsafe.Add(ref from, i);
        }
    }

    /// <summary>y += factor x + other z.</summary>
    public static void AddScaled(Span<double> y, double factor, ReadOnlySpan<double> x, double other, ReadOnlySpan<double> z)
    {
        ref var to = ref MemoryMarshal.GetReference(y);
        ref var first = ref MemoryMarshal.GetReference(x[..y.Length]);
        ref var second = ref MemoryMarshal.GetReference(z[..y.Length]);
        var wide = new Vector<double>(factor);
        var wideOther = new Vector<double>(other);
        var i = 0;
        for (; i <= y.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var partial = Vector.MultiplyAddEstimate(wide, Load(ref first, i), Load(ref to, i));
            Store(Vector.MultiplyAddEstimate(wideOther, Load(ref second, i), partial), ref to, i);
        }

        for (; i < y.Length; i++)
        {
            Unsafe.Add(ref to, i) += (factor * Unsafe.Add(ref first, i)) + (other * Unsafe.Add(ref second, i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<double> Load(ref double start, int at) => Vector.LoadUnsafe(ref start, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector<double> value, ref double start, int at) => value.StoreUnsafe(ref start, (nuint)at);
}
