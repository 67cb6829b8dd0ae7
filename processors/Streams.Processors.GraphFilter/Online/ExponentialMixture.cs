using System.Diagnostics;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// Monotone filters in x = lambda / mean(lambda): sum c_k exp(-r_k x) when low-pass, c_0 + sum c_k (1 - exp(-r_k x)) when high-pass, c of at least 0,
/// fitted by non-negative least squares (Lawson and Hanson 1974) without allocation. The rates double from one
/// to the next, so that one exponential a point gives them all.
/// </summary>
internal static class ExponentialMixture
{
    public const int Size = 8;

    private const double LowestRate = 0.25;

    /// <summary>Fits the gains at <paramref name="points"/> from <paramref name="first"/> on; writes gains and their slopes there.</summary>
    public static void Fit(ReadOnlySpan<double> points, ReadOnlySpan<double> targets, int first, FilterSign sign, Span<double> gains, Span<double> slopes)
    {
        Span<double> gram = stackalloc double[Size * Size];
        Span<double> right = stackalloc double[Size];
        Span<double> values = stackalloc double[Size];
        gram.Clear();
        right.Clear();
        for (var i = first; i < points.Length; i++)
        {
            Values(points[i], sign, values);
            for (var k = 0; k < Size; k++)
            {
                right[k] += values[k] * targets[i];
                for (var l = 0; l <= k; l++)
                {
                    gram[(k * Size) + l] += values[k] * values[l];
                }
            }
        }

        Span<double> coefficients = stackalloc double[Size];
        Solve(gram, right, coefficients);
        gains[..first].Clear();
        slopes[..first].Clear();
        for (var i = first; i < points.Length; i++)
        {
            Values(points[i], sign, values);
            (gains[i], slopes[i]) = (0, 0);
            var rate = LowestRate;
            for (var k = 0; k < Size; k++)
            {
                gains[i] += coefficients[k] * values[k];
                if (k > 0)
                {
                    // Either way the slope is that of the exponential, with its sign.
                    slopes[i] += coefficients[k] * (sign == FilterSign.HighPass ? rate * (1 - values[k]) : -rate * values[k]);
                    rate *= 2;
                }
            }
        }
    }

    private static void Values(double x, FilterSign sign, Span<double> values)
    {
        values[0] = 1;
        var exponential = Math.Exp(-LowestRate * x);
        for (var k = 1; k < Size; k++)
        {
            values[k] = sign == FilterSign.HighPass ? 1 - exponential : exponential;
            exponential *= exponential;
        }
    }

    /// <summary>min c'Gc - 2 c'r over c of at least 0; G's lower triangle is given.</summary>
    private static void Solve(Span<double> gram, ReadOnlySpan<double> right, Span<double> solution)
    {
        Debug.Assert(right.Length == Size, "the basis has a fixed size");
        double ridge = 0, scale = 0;
        for (var i = 0; i < Size; i++)
        {
            ridge += 1e-10 * gram[(i * Size) + i] / Size;
            scale = Math.Max(scale, Math.Abs(right[i]));
            for (var j = 0; j < i; j++)
            {
                gram[(j * Size) + i] = gram[(i * Size) + j];
            }
        }

        var free = 0u;
        Span<double> target = stackalloc double[Size];
        for (var step = 0; step < Size * 10; step++)
        {
            var enters = -1;
            var steepest = 1e-12 * scale;
            for (var i = 0; i < Size; i++)
            {
                var slope = right[i] - (ridge * solution[i]) - Cholesky.Dot(gram.Slice(i * Size, Size), solution);
                if ((free >> i & 1) == 0 && slope > steepest)
                {
                    (enters, steepest) = (i, slope);
                }
            }

            if (enters < 0)
            {
                return;
            }

            free |= 1u << enters;
            while (!TryMove(gram, right, ridge, ref free, solution, target))
            {
                // A coefficient reached 0 and left the free set; solve again for those that stay.
            }
        }
    }

    /// <summary>Goes to the free set's own solution, or as far as no coefficient falls below 0, which then leaves. False: one left.</summary>
    private static bool TryMove(ReadOnlySpan<double> gram, ReadOnlySpan<double> right, double ridge, ref uint free, Span<double> solution, Span<double> target)
    {
        Unconstrained(gram, right, ridge, free, target);
        var share = 1d;
        for (var i = 0; i < Size; i++)
        {
            if ((free >> i & 1) != 0 && target[i] <= 0)
            {
                share = Math.Min(share, solution[i] / (solution[i] - target[i]));
            }
        }

        if (!(share < 1))
        {
            target.CopyTo(solution);
            return true;
        }

        for (var i = 0; i < Size; i++)
        {
            if ((free >> i & 1) != 0)
            {
                solution[i] += share * (target[i] - solution[i]);
                if (solution[i] <= 0 || (target[i] <= 0 && solution[i] < 1e-300))
                {
                    solution[i] = 0;
                    free &= ~(1u << i);
                }
            }
        }

        return false;
    }

    private static void Unconstrained(ReadOnlySpan<double> gram, ReadOnlySpan<double> right, double ridge, uint free, Span<double> target)
    {
        Span<int> index = stackalloc int[Size];
        var count = 0;
        for (var i = 0; i < Size; i++)
        {
            target[i] = 0;
            if ((free >> i & 1) != 0)
            {
                index[count++] = i;
            }
        }

        Span<double> matrix = stackalloc double[Size * Size];
        Span<double> vector = stackalloc double[Size];
        for (var a = 0; a < count; a++)
        {
            vector[a] = right[index[a]];
            for (var b = 0; b < count; b++)
            {
                matrix[(a * count) + b] = gram[(index[a] * Size) + index[b]] + (a == b ? ridge : 0);
            }
        }

        if (Cholesky.TryFactor(matrix, count))
        {
            Cholesky.Solve(matrix, count, vector[..count]);
            for (var a = 0; a < count; a++)
            {
                target[index[a]] = vector[a];
            }
        }
    }
}
