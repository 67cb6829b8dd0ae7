using System.Numerics;
using System.Runtime.InteropServices;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>QL steps with implicit shifts on symmetric tridiagonal matrices. Hot path: `-- graphs speed`.</summary>
internal sealed class TridiagonalQl(int size)
{
    /// <summary>Steps for one eigenvalue; two or three are usual.</summary>
    private const int MaxSteps = 60;

    private readonly double[] _cosines = new double[size];
    private readonly double[] _sines = new double[size];

    /// <summary>
    /// Overwrites <paramref name="diagonal"/> with the eigenvalues in ascending order, and the rows of <paramref name="vectors"/> with
    /// the same combinations of them that make the eigenvectors.
    /// </summary>
    public void Diagonalise(double[] diagonal, double[] offDiagonal, double[] vectors)
    {
        for (var low = 0; low < size; low++)
        {
            for (var step = 0; step < MaxSteps; step++)
            {
                var high = low;
                while (high < size - 1
                    && Math.Abs(offDiagonal[high]) > double.Epsilon + (1.1e-16 * (Math.Abs(diagonal[high]) + Math.Abs(diagonal[high + 1]))))
                {
                    high++;
                }

                if (high == low)
                {
                    break;
                }

                var lowest = Step(diagonal, offDiagonal, low, high);
                Rotate(vectors, lowest, high);
            }
        }

        Sort(diagonal, vectors);
    }

    /// <summary>One step on the block from <paramref name="low"/> to <paramref name="high"/>; returns where the rotations end.</summary>
    private int Step(double[] diagonal, double[] offDiagonal, int low, int high)
    {
        // Wilkinson's shift: the eigenvalue of the leading 2 x 2 block that is nearer to its first entry.
        var ratio = (diagonal[low + 1] - diagonal[low]) / (2 * offDiagonal[low]);
        var root = Math.Sqrt((ratio * ratio) + 1);
        var shifted = diagonal[high] - diagonal[low] + (offDiagonal[low] / (ratio + Math.CopySign(root, ratio)));
        double sine = 1, cosine = 1, carried = 0;
        for (var i = high - 1; i >= low; i--)
        {
            var bulge = sine * offDiagonal[i];
            var beside = cosine * offDiagonal[i];
            var length = Math.Sqrt((bulge * bulge) + (shifted * shifted));
            offDiagonal[i + 1] = length;
            if (length == 0)
            {
                // The matrix splits here; go on with the block above.
                diagonal[i + 1] -= carried;
                offDiagonal[high] = 0;
                return i + 1;
            }

            (sine, cosine) = (bulge / length, shifted / length);
            shifted = diagonal[i + 1] - carried;
            var turn = ((diagonal[i] - shifted) * sine) + (2 * cosine * beside);
            carried = sine * turn;
            diagonal[i + 1] = shifted + carried;
            shifted = (cosine * turn) - beside;
            (_cosines[i], _sines[i]) = (cosine, sine);
        }

        diagonal[low] -= carried;
        offDiagonal[low] = shifted;
        offDiagonal[high] = 0;
        return low;
    }

    /// <summary>
    /// The rotations of one step on rows <paramref name="high"/> down to <paramref name="low"/>. Four columns of lanes at a time run
    /// through all rotations, so that a row is loaded and stored once for two rotations that touch it.
    /// </summary>
    private void Rotate(double[] vectors, int low, int high)
    {
        ref var rows = ref MemoryMarshal.GetArrayDataReference(vectors);
        var lanes = Vector<double>.Count;
        var column = 0;
        for (; column <= size - (4 * lanes); column += 4 * lanes)
        {
            var at = (high * size) + column;
            var carried0 = Kernels.Load(ref rows, at);
            var carried1 = Kernels.Load(ref rows, at + lanes);
            var carried2 = Kernels.Load(ref rows, at + (2 * lanes));
            var carried3 = Kernels.Load(ref rows, at + (3 * lanes));
            for (var i = high - 1; i >= low; i--)
            {
                var cosine = new Vector<double>(_cosines[i]);
                var sine = new Vector<double>(_sines[i]);
                var from = (i * size) + column;
                var row0 = Kernels.Load(ref rows, from);
                var row1 = Kernels.Load(ref rows, from + lanes);
                var row2 = Kernels.Load(ref rows, from + (2 * lanes));
                var row3 = Kernels.Load(ref rows, from + (3 * lanes));
                Kernels.Store(Vector.MultiplyAddEstimate(sine, row0, cosine * carried0), ref rows, from + size);
                Kernels.Store(Vector.MultiplyAddEstimate(sine, row1, cosine * carried1), ref rows, from + size + lanes);
                Kernels.Store(Vector.MultiplyAddEstimate(sine, row2, cosine * carried2), ref rows, from + size + (2 * lanes));
                Kernels.Store(Vector.MultiplyAddEstimate(sine, row3, cosine * carried3), ref rows, from + size + (3 * lanes));
                carried0 = Vector.MultiplyAddEstimate(-sine, carried0, cosine * row0);
                carried1 = Vector.MultiplyAddEstimate(-sine, carried1, cosine * row1);
                carried2 = Vector.MultiplyAddEstimate(-sine, carried2, cosine * row2);
                carried3 = Vector.MultiplyAddEstimate(-sine, carried3, cosine * row3);
            }

            at = (low * size) + column;
            Kernels.Store(carried0, ref rows, at);
            Kernels.Store(carried1, ref rows, at + lanes);
            Kernels.Store(carried2, ref rows, at + (2 * lanes));
            Kernels.Store(carried3, ref rows, at + (3 * lanes));
        }

        for (; column <= size - lanes; column += lanes)
        {
            var carried = Kernels.Load(ref rows, (high * size) + column);
            for (var i = high - 1; i >= low; i--)
            {
                var cosine = new Vector<double>(_cosines[i]);
                var sine = new Vector<double>(_sines[i]);
                var from = (i * size) + column;
                var row = Kernels.Load(ref rows, from);
                Kernels.Store(Vector.MultiplyAddEstimate(sine, row, cosine * carried), ref rows, from + size);
                carried = Vector.MultiplyAddEstimate(-sine, carried, cosine * row);
            }

            Kernels.Store(carried, ref rows, (low * size) + column);
        }

        for (; column < size; column++)
        {
            var carried = vectors[(high * size) + column];
            for (var i = high - 1; i >= low; i--)
            {
                var row = vectors[(i * size) + column];
                vectors[((i + 1) * size) + column] = (_sines[i] * row) + (_cosines[i] * carried);
                carried = (_cosines[i] * row) - (_sines[i] * carried);
            }

            vectors[(low * size) + column] = carried;
        }
    }

    private void Sort(double[] values, double[] vectors)
    {
        for (var i = 0; i < size - 1; i++)
        {
            var least = i;
            for (var j = i + 1; j < size; j++)
            {
                least = values[j] < values[least] ? j : least;
            }

            if (least != i)
            {
                (values[i], values[least]) = (values[least], values[i]);
                Span<double> a = vectors.AsSpan(i * size, size), b = vectors.AsSpan(least * size, size);
                for (var k = 0; k < size; k++)
                {
                    (a[k], b[k]) = (b[k], a[k]);
                }
            }
        }
    }
}
