using CsCheck;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class NonNegativeLeastSquaresTests
{
    /// <summary>The optimum is the best of the unconstrained optima over all sets of free coefficients.</summary>
    [Fact]
    public void Solve_AgainstAllSubsets_IsTheBest() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, int.MaxValue]).Sample(
            (size, seed) =>
            {
                var (gram, right) = Problem(new Random(seed), size);
                var solution = NonNegativeLeastSquares.Solve(gram, right);
                Assert.All(solution, coefficient => Assert.True(coefficient >= 0));
                Assert.Equal(Best(gram, right), Objective(gram, right, solution), 1e-6);
            },
            iter: 500);

    [Fact]
    public void Solve_NothingHelps_IsZero() => Assert.Equal([0, 0], NonNegativeLeastSquares.Solve([1, 0, 0, 1], [-1, -2]));

    [Fact]
    public void Solve_EqualColumns_StillFits()
    {
        var solution = NonNegativeLeastSquares.Solve([1, 1, 1, 1], [2, 2]);
        Assert.Equal(2, solution.Sum(), 1e-6);
    }

    private static (double[] Gram, double[] Right) Problem(Random random, int size)
    {
        var columns = Enumerable.Range(0, size).Select(_ => Enumerable.Range(0, size + 3).Select(_ => Synthetic.Normal(random)).ToArray()).ToArray();
        var target = Enumerable.Range(0, size + 3).Select(_ => Synthetic.Normal(random)).ToArray();
        var gram = new double[size * size];
        for (var i = 0; i < size * size; i++)
        {
            gram[i] = Cholesky.Dot(columns[i / size], columns[i % size]);
        }

        return (gram, [.. columns.Select(column => Cholesky.Dot(column, target))]);
    }

    private static double Best(double[] gram, double[] right)
    {
        var best = 0d;
        for (var set = 1; set < 1 << right.Length; set++)
        {
            var free = Enumerable.Range(0, right.Length).Where(i => (set >> i & 1) == 1).ToArray();
            var matrix = new double[free.Length * free.Length];
            for (var i = 0; i < matrix.Length; i++)
            {
                matrix[i] = gram[(free[i / free.Length] * right.Length) + free[i % free.Length]];
            }

            var part = free.Select(i => right[i]).ToArray();
            Assert.True(Cholesky.TryFactor(matrix, free.Length));
            Cholesky.Solve(matrix, free.Length, part);
            if (part.All(coefficient => coefficient >= 0))
            {
                var whole = new double[right.Length];
                for (var a = 0; a < free.Length; a++)
                {
                    whole[free[a]] = part[a];
                }

                best = Math.Min(best, Objective(gram, right, whole));
            }
        }

        return best;
    }

    private static double Objective(double[] gram, double[] right, double[] solution)
    {
        var sum = 0d;
        for (var i = 0; i < solution.Length; i++)
        {
            sum += solution[i] * (Cholesky.Dot(gram.AsSpan(i * solution.Length, solution.Length), solution) - (2 * right[i]));
        }

        return sum;
    }
}
