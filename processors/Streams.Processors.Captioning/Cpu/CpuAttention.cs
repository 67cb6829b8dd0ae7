using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>
/// Attention of a few hundred tokens with small heads: softmax(q k' / sqrt(d)) v. Torch makes of each head products that are too small for MKL, and takes three to
/// four times as long.
/// </summary>
internal sealed unsafe class CpuAttention : IDisposable
{
    private const int Lanes = 16;
    private const int Rows = 4; // queries at a time: what is loaded of keys and values serves all of them
    private const int KeyBlock = 3 * Lanes;
    private const int SizeBlock = 2 * Lanes;
    private const int TokensAtMost = 512;
    private const int SizeAtMost = 128;

    private readonly int _count;
    private readonly int _seen;
    private readonly int _size;
    private readonly bool _causal;
    private readonly int _keyStride;
    private readonly int _valueStride;

    // Of one head: its keys as (d, S), its values as (S, d), and the weights of some queries as (rows, S), all filled up with zeros to whole blocks.
    private readonly float* _memory;
    private readonly float* _keys;
    private readonly float* _values;
    private readonly float* _weights;
    private readonly float* _sums;

    private CpuAttention(int count, int seen, int size, bool causal)
    {
        (_count, _seen, _size, _causal) = (count, seen, size, causal);
        (_keyStride, _valueStride) = (Filled(seen, KeyBlock), Filled(size, SizeBlock));
        var floats = (size * _keyStride) + (seen * _valueStride) + (Rows * _keyStride) + (Rows * _valueStride);
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64);
        NativeMemory.Clear(_memory, (nuint)floats * sizeof(float));
        _keys = _memory;
        _values = _keys + (size * _keyStride);
        _weights = _values + (seen * _valueStride);
        _sums = _weights + (Rows * _keyStride);
    }

    /// <summary>
    /// (B, heads, N, d) of queries (B, heads, N, d), keys and values (B, heads, S, d), in memory with tokens before heads; null where it is not made for them.
    /// </summary>
    /// <param name="query">Queries.</param>
    /// <param name="key">Keys.</param>
    /// <param name="value">Values.</param>
    /// <param name="causal">A query sees the keys up to its own, the last one all of them.</param>
    public static Tensor? TryApply(Tensor query, Tensor key, Tensor value, bool causal)
    {
        var (count, seen, size) = ((int)query.size(2), (int)key.size(2), (int)query.size(3));
        if (count < Rows || (causal && seen < count) || seen > TokensAtMost || size is < Lanes or > SizeAtMost || !CpuKernels.Take(query)
            || query.stride(3) != 1 || key.stride(3) != 1 || value.stride(3) != 1)
        {
            return null;
        }

        using var attention = new CpuAttention(count, seen, size, causal);
        var (batch, heads) = (query.size(0), query.size(1));
        var mixed = empty([batch, count, heads, size], ScalarType.Float32);
        var result = mixed.transpose(1, 2);
        var (queries, keys, values, results) = (new Heads(query), new Heads(key), new Heads(value), new Heads(result));
        for (var item = 0L; item < batch; item++)
        {
            for (var head = 0L; head < heads; head++)
            {
                attention.Pack(keys, values, item, head);
                for (var row = 0; row < count; row += Rows)
                {
                    // Of the last rows some for the second time, to the same numbers.
                    attention.Mix(queries, results, item, head, Math.Min(row, count - Rows));
                }
            }
        }

        // Their memory was read to here, whatever else still knows them.
        GC.KeepAlive(query);
        GC.KeepAlive(key);
        GC.KeepAlive(value);
        return result;
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    private static int Filled(int count, int block) => (count + block - 1) / block * block;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(Heads keys, Heads values, long item, long head)
    {
        PatchProducts.Transpose(keys.At(item, head, 0), _seen, _size, (int)keys.Token, _keys, _keyStride);
        var value = values.At(item, head, 0);
        var to = _values;
        for (var token = 0; token < _seen; token++, value += values.Token, to += _valueStride)
        {
            for (var end = Lanes; end < _size + Lanes; end += Lanes)
            {
                var first = Math.Min(end, _size) - Lanes;
                Vector512.Load(value + first).Store(to + first);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Mix(Heads queries, Heads results, long item, long head, int row)
    {
        var before = _seen - _count + 1; // keys that the first query sees
        var most = _causal ? before + row + Rows - 1 : _seen;
        Score(queries.At(item, head, row), queries.Token, most);
        var inverse = Weigh(_causal ? before + row : _seen, _causal ? 1 : 0, most);
        Sum(most);
        for (var i = 0; i < Rows; i++)
        {
            var sums = _sums + (i * _valueStride);
            var result = results.At(item, head, row + i);
            var share = Vector512.Create(inverse[i]);
            for (var end = Lanes; end < _size + Lanes; end += Lanes)
            {
                // The last vector ends where the head does, and has some of the one before once more.
                var first = Math.Min(end, _size) - Lanes;
                (Vector512.Load(sums + first) * share).Store(result + first);
            }
        }
    }

    // Products of some queries with the first keys.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score(float* query, long stride, int keys)
    {
        for (var first = 0; first < keys; first += KeyBlock)
        {
            Vector512<float> a0 = default, a1 = default, a2 = default, b0 = default, b1 = default, b2 = default;
            Vector512<float> c0 = default, c1 = default, c2 = default, d0 = default, d1 = default, d2 = default;
            var key = _keys + first;
            for (var i = 0; i < _size; i++, key += _keyStride)
            {
                var (k0, k1, k2) = (Vector512.Load(key), Vector512.Load(key + Lanes), Vector512.Load(key + (2 * Lanes)));
                var q = Vector512.Create(query[i]);
                a0 = Vector512.FusedMultiplyAdd(q, k0, a0);
                a1 = Vector512.FusedMultiplyAdd(q, k1, a1);
                a2 = Vector512.FusedMultiplyAdd(q, k2, a2);
                q = Vector512.Create(query[stride + i]);
                b0 = Vector512.FusedMultiplyAdd(q, k0, b0);
                b1 = Vector512.FusedMultiplyAdd(q, k1, b1);
                b2 = Vector512.FusedMultiplyAdd(q, k2, b2);
                q = Vector512.Create(query[(2 * stride) + i]);
                c0 = Vector512.FusedMultiplyAdd(q, k0, c0);
                c1 = Vector512.FusedMultiplyAdd(q, k1, c1);
                c2 = Vector512.FusedMultiplyAdd(q, k2, c2);
                q = Vector512.Create(query[(3 * stride) + i]);
                d0 = Vector512.FusedMultiplyAdd(q, k0, d0);
                d1 = Vector512.FusedMultiplyAdd(q, k1, d1);
                d2 = Vector512.FusedMultiplyAdd(q, k2, d2);
            }

            Store(_weights + first, a0, a1, a2);
            Store(_weights + _keyStride + first, b0, b1, b2);
            Store(_weights + (2 * _keyStride) + first, c0, c1, c2);
            Store(_weights + (3 * _keyStride) + first, d0, d1, d2);
        }

        static void Store(float* at, Vector512<float> first, Vector512<float> second, Vector512<float> third)
        {
            first.Store(at);
            second.Store(at + Lanes);
            third.Store(at + (2 * Lanes));
        }
    }

    // Scores of some queries to exponentials, and the inverses of their sums. The first sees so many keys, each one after it so many more; those up to most that
    // it does not see have 0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector128<float> Weigh(int visible, int more, int most)
    {
        var largest = VectorSums.LargestOf(
            Largest(_weights, visible),
            Largest(_weights + _keyStride, visible + more),
            Largest(_weights + (2 * _keyStride), visible + (2 * more)),
            Largest(_weights + (3 * _keyStride), visible + (3 * more)));
        var scale = 1 / MathF.Sqrt(_size);
        var shifts = largest * -scale;
        return Vector128<float>.One / VectorSums.Of(
            Powers(_weights, visible, most, scale, shifts[0]),
            Powers(_weights + _keyStride, visible + more, most, scale, shifts[1]),
            Powers(_weights + (2 * _keyStride), visible + (2 * more), most, scale, shifts[2]),
            Powers(_weights + (3 * _keyStride), visible + (3 * more), most, scale, shifts[3]));
    }

    // The largest of the first scores, by lanes. What follows them in the last vector becomes minus infinity.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Largest(float* scores, int visible)
    {
        var largest = Vector512.Create(float.NegativeInfinity);
        var whole = visible - (visible % Lanes);
        for (var i = 0; i < whole; i += Lanes)
        {
            largest = Avx512F.Max(largest, Vector512.Load(scores + i));
        }

        if (whole < visible)
        {
            var isVisible = Vector512.LessThan(Vector512<float>.Indices, Vector512.Create((float)(visible - whole)));
            var last = Vector512.ConditionalSelect(isVisible, Vector512.Load(scores + whole), Vector512.Create(float.NegativeInfinity));
            last.Store(scores + whole);
            largest = Avx512F.Max(largest, last);
        }

        return largest;
    }

    // Scores to exponentials of their distance from the largest, and their sum by lanes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Powers(float* scores, int visible, int most, float scale, float shift)
    {
        var (scales, shifts, sum) = (Vector512.Create(scale), Vector512.Create(shift), Vector512<float>.Zero);
        var end = 0;
        for (; end < visible; end += Lanes)
        {
            var power = CpuActivations.Exp(Vector512.FusedMultiplyAdd(Vector512.Load(scores + end), scales, shifts));
            power.Store(scores + end);
            sum += power;
        }

        for (; end < most; end += Lanes)
        {
            Vector512<float>.Zero.Store(scores + end);
        }

        return sum;
    }

    // Values summed by the weights of some queries.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(int keys)
    {
        for (var first = 0; first < _size; first += SizeBlock)
        {
            Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            var value = _values + first;
            var weight = _weights;
            for (var i = 0; i < keys; i++, value += _valueStride, weight++)
            {
                var (v0, v1) = (Vector512.Load(value), Vector512.Load(value + Lanes));
                var w = Vector512.Create(weight[0]);
                a0 = Vector512.FusedMultiplyAdd(w, v0, a0);
                a1 = Vector512.FusedMultiplyAdd(w, v1, a1);
                w = Vector512.Create(weight[_keyStride]);
                b0 = Vector512.FusedMultiplyAdd(w, v0, b0);
                b1 = Vector512.FusedMultiplyAdd(w, v1, b1);
                w = Vector512.Create(weight[2 * _keyStride]);
                c0 = Vector512.FusedMultiplyAdd(w, v0, c0);
                c1 = Vector512.FusedMultiplyAdd(w, v1, c1);
                w = Vector512.Create(weight[3 * _keyStride]);
                d0 = Vector512.FusedMultiplyAdd(w, v0, d0);
                d1 = Vector512.FusedMultiplyAdd(w, v1, d1);
            }

            Store(_sums + first, a0, a1);
            Store(_sums + _valueStride + first, b0, b1);
            Store(_sums + (2 * _valueStride) + first, c0, c1);
            Store(_sums + (3 * _valueStride) + first, d0, d1);
        }

        static void Store(float* at, Vector512<float> first, Vector512<float> second)
        {
            first.Store(at);
            second.Store(at + Lanes);
        }
    }

    // Where the heads of a tensor (B, heads, N, d) lie.
    private readonly struct Heads(Tensor tensor)
    {
        private readonly float* _first = (float*)DeviceTensors.AddressOf(tensor);
        private readonly long _item = tensor.stride(0);
        private readonly long _head = tensor.stride(1);

        public long Token { get; } = tensor.stride(2);

        public float* At(long item, long head, long token) => _first + (item * _item) + (head * _head) + (token * Token);
    }
}
