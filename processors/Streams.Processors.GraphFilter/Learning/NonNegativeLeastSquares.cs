using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// min ||A c - b||² over c >= 0 from AᵀA and Aᵀb, by the active set of Lawson and Hanson: exact in finitely many steps. A ridge of
/// 1e-10 of the mean diagonal keeps nearly equal columns apart. The arrays are used again from call to call.
/// </summary>
internal sealed class NonNegativeLeastSquares(int size)
{
    private readonly double[] _target = new double[size];
    private readonly double[] _factor = new double[size * size];
    private readonly double[] _vector = new double[size];
    private readonly int[] _index = new int[size];
    private readonly bool[] _free = new bool[size];

    /// <summary>c of the last call.</summary>
    public double[] Solution { get; } = new double[size];

    public static double[] Solve(double[] gram, double[] right)
    {
        var solver = new NonNegativeLeastSquares(right.Length);
        solver.Solve(gram, (ReadOnlySpan<double>)right);
        return solver.Solution;
    }

    public void Solve(ReadOnlySpan<double> gram, ReadOnlySpan<double> right)
    {
        Array.Clear(Solution);
        Array.Clear(_free);
        double ridge = 0, scale = 0;
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
                var slope = right[i] - (ridge * Solution[i]);
                for (var j = 0; j < size; j++)
                {
                    slope -= gram[(i * size) + j] * Solution[j];
                }

                if (!_free[i] && slope > steepest)
                {
                    (enters, steepest) = (i, slope);
                }
            }

            if (enters < 0)
            {
                break;
            }

            _free[enters] = true;
            MoveToFeasible(gram, right, ridge);
        }
    }

    private void MoveToFeasible(ReadOnlySpan<double> gram, ReadOnlySpan<double> right, double ridge)
    {
        while (true)
        {
            Unconstrained(gram, right, ridge);
            var share = 1d;
            for (var i = 0; i < size; i++)
            {
                if (_free[i] && _target[i] <= 0)
                {
                    share = Math.Min(share, Solution[i] / (Solution[i] - _target[i]));
                }
            }

            if (!(share < 1))
            {
                _target.CopyTo(Solution, 0);
                return;
            }

            for (var i = 0; i < size; i++)
            {
                Solution[i] += _free[i] ? share * (_target[i] - Solution[i]) : 0;
                if (_free[i] && (Solution[i] <= 0 || (_target[i] <= 0 && Solution[i] < 1e-300)))
                {
                    (Solution[i], _free[i]) = (0, false);
                }
            }
        }
    }

    /// <summary>The optimum over the free coefficients into <see cref="_target"/>.</summary>
    private void Unconstrained(ReadOnlySpan<double> gram, ReadOnlySpan<double> right, double ridge)
    {
        var count = 0;
        for (var i = 0; i < size; i++)
        {
            if (_free[i])
            {
                _index[count++] = i;
            }
        }

        for (var a = 0; a < count; a++)
        {
            _vector[a] = right[_index[a]];
            for (var b = 0; b < count; b++)
            {
                _factor[(a * count) + b] = gram[(_index[a] * size) + _index[b]] + (a == b ? ridge : 0);
            }
        }

        Array.Clear(_target);
        if (Cholesky.TryFactor(_factor.AsSpan(0, count * count), count))
        {
            Cholesky.Solve(_factor, count, _vector.AsSpan(0, count));
            for (var a = 0; a < count; a++)
            {
                _target[_index[a]] = _vector[a];
            }
        }
    }
}
