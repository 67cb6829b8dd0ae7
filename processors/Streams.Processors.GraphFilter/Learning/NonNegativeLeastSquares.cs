using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// min ||A c - b||² over c >= 0 from AᵀA and Aᵀb, by the active set of Lawson and Hanson: exact in finitely many steps. A ridge of
/// 1e-10 of the mean diagonal keeps nearly equal columns apart.
/// </summary>
internal static class NonNegativeLeastSquares
{
    public static double[] Solve(ReadOnlySpan<double> gram, ReadOnlySpan<double> right)
    {
        var size = right.Length;
        var solution = new double[size];
        var free = new bool[size];
        var ridge = 0d;
        var scale = 0d;
        for (var i = 0; i < size; i++)
        {
            ridge += 1e-10 * gram[(i * size) + i] / size;
            scale = Math.Max(scale, Math.Abs(right[i]));
        }

        // Lawson and Hanson need at most a few times the number of columns; the bound only guards against rounding.
        for (var step = 0; step < size * 10; step++)
        {
            var enters = -1;
            var steepest = 1e-12 * scale;
            for (var i = 0; i < size; i++)
            {
                var slope = right[i] - (ridge * solution[i]);
                for (var j = 0; j < size; j++)
                {
                    slope -= gram[(i * size) + j] * solution[j];
                }

                if (!free[i] && slope > steepest)
                {
                    (enters, steepest) = (i, slope);
                }
            }

            if (enters < 0)
            {
                break;
            }

            free[enters] = true;
            MoveToFeasible(gram, right, ridge, free, solution);
        }

        return solution;
    }

    private static void MoveToFeasible(ReadOnlySpan<double> gram, ReadOnlySpan<double> right, double ridge, bool[] free, double[] solution)
    {
        while (true)
        {
            var target = Unconstrained(gram, right, ridge, free);
            var share = 1d;
            for (var i = 0; i < solution.Length; i++)
            {
                if (free[i] && target[i] <= 0)
                {
                    share = Math.Min(share, solution[i] / (solution[i] - target[i]));
                }
            }

            if (!(share < 1))
            {
                target.CopyTo(solution, 0);
                return;
            }

            for (var i = 0; i < solution.Length; i++)
            {
                solution[i] += free[i] ? share * (target[i] - solution[i]) : 0;
                if (free[i] && (solution[i] <= 0 || (target[i] <= 0 && solution[i] < 1e-300)))
                {
                    (solution[i], free[i]) = (0, false);
                }
            }
        }
    }

    private static double[] Unconstrained(ReadOnlySpan<double> gram, ReadOnlySpan<double> right, double ridge, bool[] free)
    {
        var size = right.Length;
        var index = Enumerable.Range(0, size).Where(i => free[i]).ToArray();
        var matrix = new double[index.Length * index.Length];
        var vector = new double[index.Length];
        for (var a = 0; a < index.Length; a++)
        {
            vector[a] = right[index[a]];
            for (var b = 0; b < index.Length; b++)
            {
                matrix[(a * index.Length) + b] = gram[(index[a] * size) + index[b]] + (a == b ? ridge : 0);
            }
        }

        var solution = new double[size];
        if (Cholesky.TryFactor(matrix, index.Length))
        {
            Cholesky.Solve(matrix, index.Length, vector);
            for (var a = 0; a < index.Length; a++)
            {
                solution[index[a]] = vector[a];
            }
        }

        return solution;
    }
}
