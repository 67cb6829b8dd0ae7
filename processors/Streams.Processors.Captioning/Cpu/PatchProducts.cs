using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>What a product reads: lines of numbers in one piece. A row of a matrix is one line; what a 3x3 convolution sees of an image, channels last, are three.</summary>
/// <param name="Step">Numbers from one patch to the next.</param>
/// <param name="Lines">Lines of a patch.</param>
/// <param name="LineLength">Numbers of a line.</param>
/// <param name="LineStride">Numbers from one line to the next.</param>
internal readonly record struct Patches(int Step, int Lines, int LineLength, int LineStride);

/// <summary>
/// Products of many patches with weights that fit into a cache: linear layers and convolutions. Each number of the result is summed in the same order, however
/// many patches there are.
/// </summary>
internal static unsafe class PatchProducts
{
    /// <summary>Patches of one call, at least.</summary>
    public const int AtLeast = 6;

    private const int Lanes = 16;
    private const int Quad = 4;
    private const int Block = 16 * AtLeast; // patches that stay in the cache while all weights pass

    /// <summary>Numbers that <see cref="Pack"/> writes.</summary>
    public static int PackedSize(int inputs, int outputs)
    {
        var size = 0;
        for (var output = 0; output < outputs; output += Width(outputs - output))
        {
            size += Width(outputs - output) * (inputs + 1);
        }

        return size;
    }

    /// <summary>Lays out weights (outputs, inputs) and a bias (outputs), or none, in the order in which <see cref="Multiply"/> reads them.</summary>
    public static void Pack(float* weights, float* bias, int inputs, int outputs, float* to)
    {
        for (var output = 0; output < outputs; output += Width(outputs - output))
        {
            var width = Width(outputs - output);
            var there = Math.Min(width, outputs - output);
            new Span<float>(to, width).Clear();
            if (bias is not null)
            {
                new ReadOnlySpan<float>(bias + output, there).CopyTo(new Span<float>(to, width));
            }

            Transpose(weights + (output * inputs), there, inputs, inputs, to + width, width);
            to += width * (inputs + 1);
        }
    }

    /// <summary>Products of <paramref name="count"/> patches with packed weights: (count, outputs), rows <paramref name="stride"/> numbers apart.</summary>
    public static void Multiply(in Patches patches, float* input, int count, float* packed, int outputs, float* to, int stride)
    {
        var filled = stackalloc float[AtLeast * 3 * Lanes];
        for (var block = 0; block < count; block += Block)
        {
            var end = Math.Min(block + Block, count);
            var weights = packed;
            for (var output = 0; output < outputs; output += Width(outputs - output))
            {
                var width = Width(outputs - output);
                var there = Math.Min(width, outputs - output);
                for (var patch = block; patch < end; patch += AtLeast)
                {
                    // Of the last ones some for the second time, to the same numbers.
                    var first = Math.Min(patch, end - AtLeast);
                    var from = input + (first * patches.Step);
                    var target = to + (first * stride) + output;
                    if (there == width)
                    {
                        MultiplyTile(patches, from, weights, width, target, stride);
                        continue;
                    }

                    MultiplyTile(patches, from, weights, width, filled, width);
                    for (var row = 0; row < AtLeast; row++)
                    {
                        new ReadOnlySpan<float>(filled + (row * width), there).CopyTo(new Span<float>(target + (row * stride), there));
                    }
                }

                weights += width * ((patches.Lines * patches.LineLength) + 1);
            }
        }
    }

    private static void MultiplyTile(in Patches patches, float* first, float* tile, int width, float* to, int stride)
    {
        if (width == 3 * Lanes)
        {
            Multiply3(patches, first, tile, to, stride);
        }
        else
        {
            Multiply2(patches, first, tile, to, stride);
        }
    }

    // Outputs of the next tile, of which so many are left: as few as can be that are not there.
    private static int Width(int left) => left is > 4 * Lanes or (> 2 * Lanes and <= 3 * Lanes) ? 3 * Lanes : 2 * Lanes;

    /// <summary>Rows (count, inputs), <paramref name="stride"/> apart, to columns (inputs, width), filled up with zeros.</summary>
    public static void Transpose(float* rows, int count, int inputs, int stride, float* to, int width)
    {
        var (whole, wholeInputs) = (count - (count % Quad), inputs - (inputs % Quad));
        for (var row = 0; row < whole; row += Quad)
        {
            var from = rows + (row * stride);
            for (var i = 0; i < wholeInputs; i += Quad)
            {
                TransposeQuad(from + i, stride, to + (i * width) + row, width);
            }
        }

        for (var row = 0; row < width; row++)
        {
            for (var i = row < whole ? wholeInputs : 0; i < inputs; i++)
            {
                to[(i * width) + row] = row < count ? rows[(row * stride) + i] : 0;
            }
        }
    }

    // Four rows of four numbers.
    private static void TransposeQuad(float* from, int stride, float* to, int width)
    {
        var (first, second) = (Vector128.Load(from), Vector128.Load(from + stride));
        var (third, fourth) = (Vector128.Load(from + (2 * stride)), Vector128.Load(from + (3 * stride)));
        var (lowPairs, highPairs) = (Sse.UnpackLow(first, second), Sse.UnpackHigh(first, second));
        var (lowOthers, highOthers) = (Sse.UnpackLow(third, fourth), Sse.UnpackHigh(third, fourth));
        Sse.MoveLowToHigh(lowPairs, lowOthers).Store(to);
        Sse.MoveHighToLow(lowOthers, lowPairs).Store(to + width);
        Sse.MoveLowToHigh(highPairs, highOthers).Store(to + (2 * width));
        Sse.MoveHighToLow(highOthers, highPairs).Store(to + (3 * width));
    }

    // Of six rows 48 outputs, and below 32: written out twice, and without a call inside, because sums stay in registers only as locals of their own.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply3(in Patches patches, float* first, float* tile, float* to, int stride)
    {
        var second = first + patches.Step;
        var third = first + (2 * patches.Step);
        var fourth = first + (3 * patches.Step);
        var fifth = first + (4 * patches.Step);
        var sixth = first + (5 * patches.Step);
        var a0 = Vector512.Load(tile);
        var a1 = Vector512.Load(tile + Lanes);
        var a2 = Vector512.Load(tile + (2 * Lanes));
        Vector512<float> b0 = a0, c0 = a0, d0 = a0, e0 = a0, f0 = a0;
        Vector512<float> b1 = a1, c1 = a1, d1 = a1, e1 = a1, f1 = a1;
        Vector512<float> b2 = a2, c2 = a2, d2 = a2, e2 = a2, f2 = a2;
        var weight = tile + (3 * Lanes);
        for (var line = 0; line < patches.Lines; line++)
        {
            for (var i = 0; i < patches.LineLength; i++, weight += 3 * Lanes)
            {
                var w0 = Vector512.Load(weight);
                var w1 = Vector512.Load(weight + Lanes);
                var w2 = Vector512.Load(weight + (2 * Lanes));
                var x = Vector512.Create(first[i]);
                a0 = Vector512.FusedMultiplyAdd(x, w0, a0);
                a1 = Vector512.FusedMultiplyAdd(x, w1, a1);
                a2 = Vector512.FusedMultiplyAdd(x, w2, a2);
                x = Vector512.Create(second[i]);
                b0 = Vector512.FusedMultiplyAdd(x, w0, b0);
                b1 = Vector512.FusedMultiplyAdd(x, w1, b1);
                b2 = Vector512.FusedMultiplyAdd(x, w2, b2);
                x = Vector512.Create(third[i]);
                c0 = Vector512.FusedMultiplyAdd(x, w0, c0);
                c1 = Vector512.FusedMultiplyAdd(x, w1, c1);
                c2 = Vector512.FusedMultiplyAdd(x, w2, c2);
                x = Vector512.Create(fourth[i]);
                d0 = Vector512.FusedMultiplyAdd(x, w0, d0);
                d1 = Vector512.FusedMultiplyAdd(x, w1, d1);
                d2 = Vector512.FusedMultiplyAdd(x, w2, d2);
                x = Vector512.Create(fifth[i]);
                e0 = Vector512.FusedMultiplyAdd(x, w0, e0);
                e1 = Vector512.FusedMultiplyAdd(x, w1, e1);
                e2 = Vector512.FusedMultiplyAdd(x, w2, e2);
                x = Vector512.Create(sixth[i]);
                f0 = Vector512.FusedMultiplyAdd(x, w0, f0);
                f1 = Vector512.FusedMultiplyAdd(x, w1, f1);
                f2 = Vector512.FusedMultiplyAdd(x, w2, f2);
            }

            first += patches.LineStride;
            second += patches.LineStride;
            third += patches.LineStride;
            fourth += patches.LineStride;
            fifth += patches.LineStride;
            sixth += patches.LineStride;
        }

        a0.Store(to);
        a1.Store(to + Lanes);
        a2.Store(to + (2 * Lanes));
        to += stride;
        b0.Store(to);
        b1.Store(to + Lanes);
        b2.Store(to + (2 * Lanes));
        to += stride;
        c0.Store(to);
        c1.Store(to + Lanes);
        c2.Store(to + (2 * Lanes));
        to += stride;
        d0.Store(to);
        d1.Store(to + Lanes);
        d2.Store(to + (2 * Lanes));
        to += stride;
        e0.Store(to);
        e1.Store(to + Lanes);
        e2.Store(to + (2 * Lanes));
        to += stride;
        f0.Store(to);
        f1.Store(to + Lanes);
        f2.Store(to + (2 * Lanes));
    }

    // Of six rows 32 outputs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply2(in Patches patches, float* first, float* tile, float* to, int stride)
    {
        var second = first + patches.Step;
        var third = first + (2 * patches.Step);
        var fourth = first + (3 * patches.Step);
        var fifth = first + (4 * patches.Step);
        var sixth = first + (5 * patches.Step);
        var a0 = Vector512.Load(tile);
        var a1 = Vector512.Load(tile + Lanes);
        Vector512<float> b0 = a0, c0 = a0, d0 = a0, e0 = a0, f0 = a0;
        Vector512<float> b1 = a1, c1 = a1, d1 = a1, e1 = a1, f1 = a1;
        var weight = tile + (2 * Lanes);
        for (var line = 0; line < patches.Lines; line++)
        {
            for (var i = 0; i < patches.LineLength; i++, weight += 2 * Lanes)
            {
                var w0 = Vector512.Load(weight);
                var w1 = Vector512.Load(weight + Lanes);
                var x = Vector512.Create(first[i]);
                a0 = Vector512.FusedMultiplyAdd(x, w0, a0);
                a1 = Vector512.FusedMultiplyAdd(x, w1, a1);
                x = Vector512.Create(second[i]);
                b0 = Vector512.FusedMultiplyAdd(x, w0, b0);
                b1 = Vector512.FusedMultiplyAdd(x, w1, b1);
                x = Vector512.Create(third[i]);
                c0 = Vector512.FusedMultiplyAdd(x, w0, c0);
                c1 = Vector512.FusedMultiplyAdd(x, w1, c1);
                x = Vector512.Create(fourth[i]);
                d0 = Vector512.FusedMultiplyAdd(x, w0, d0);
                d1 = Vector512.FusedMultiplyAdd(x, w1, d1);
                x = Vector512.Create(fifth[i]);
                e0 = Vector512.FusedMultiplyAdd(x, w0, e0);
                e1 = Vector512.FusedMultiplyAdd(x, w1, e1);
                x = Vector512.Create(sixth[i]);
                f0 = Vector512.FusedMultiplyAdd(x, w0, f0);
                f1 = Vector512.FusedMultiplyAdd(x, w1, f1);
            }

            first += patches.LineStride;
            second += patches.LineStride;
            third += patches.LineStride;
            fourth += patches.LineStride;
            fifth += patches.LineStride;
            sixth += patches.LineStride;
        }

        a0.Store(to);
        a1.Store(to + Lanes);
        to += stride;
        b0.Store(to);
        b1.Store(to + Lanes);
        to += stride;
        c0.Store(to);
        c1.Store(to + Lanes);
        to += stride;
        d0.Store(to);
        d1.Store(to + Lanes);
        to += stride;
        e0.Store(to);
        e1.Store(to + Lanes);
        to += stride;
        f0.Store(to);
        f1.Store(to + Lanes);
    }
}
