using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs.Baselines;

/// <summary>
/// Friedman, Hastie and Tibshirani 2008: max log det P - tr C P - alpha sum of |P_ij|, one column at a time, each a lasso by coordinate descent.
/// The diagonal is not penalised. Penalties from half to 1/2,000 of the largest covariance, each a quarter below the one before, down to where a covariance
/// without its constant mode no longer lets it converge.
/// </summary>
internal static class GraphicalLasso
{
    private const int Penalties = 25;
    private const int Sweeps = 50;
    private const double Tolerance = 1e-4;

    /// <summary>|partial correlation| of every pair for one penalty after the other, the largest first.</summary>
    public static IEnumerable<double[]> Path(double[] covariance, int size)
    {
        var largest = Edges.Upper(covariance, size).Max(Math.Abs);
        var model = (double[])covariance.Clone();
        var coefficients = new double[size * size];
        for (var step = 0; step < Penalties; step++)
        {
            var penalty = 0.5 * largest * Math.Pow(0.75, step);
            if (Solve(covariance, size, penalty, model, coefficients) is not { } weights)
            {
                yield break;
            }

            yield return weights;
        }
    }

    private static double[]? Solve(double[] covariance, int size, double penalty, double[] model, double[] coefficients)
    {
        var scale = Edges.Upper(covariance, size).Average(Math.Abs);
        var fitted = new double[size];
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var moved = 0d;
            for (var j = 0; j < size; j++)
            {
                var beta = coefficients.AsSpan(j * size, size);
                if (!Lasso(covariance.AsSpan(j * size, size), model, size, j, penalty, beta, fitted))
                {
                    return null;
                }

                for (var i = 0; i < size; i++)
                {
                    if (i != j)
                    {
                        moved += Math.Abs(model[(i * size) + j] - fitted[i]);
                        model[(i * size) + j] = model[(j * size) + i] = fitted[i];
                    }
                }
            }

            if (moved < Tolerance * scale * size * size)
            {
                break;
            }
        }

        return Partial(model, coefficients, size);
    }

    /// <summary>min ½ bᵀ W b - sᵀ b + penalty |b|₁ without entry j; W b into <paramref name="fitted"/>. False: it runs away.</summary>
    private static bool Lasso(ReadOnlySpan<double> target, double[] model, int size, int j, double penalty, Span<double> beta, double[] fitted)
    {
        Array.Clear(fitted);
        for (var i = 0; i < size; i++)
        {
            if (beta[i] != 0)
            {
                Kernels.AddScaled(fitted, beta[i], model.AsSpan(i * size, size));
            }
        }

        for (var round = 0; round < 100; round++)
        {
            var moved = 0d;
            for (var i = 0; i < size; i++)
            {
                if (i == j)
                {
                    continue;
                }

                var curvature = model[(i * size) + i];
                var rest = target[i] - fitted[i] + (curvature * beta[i]);
                if (!double.IsFinite(rest))
                {
                    return false;
                }

                var next = Math.Sign(rest) * Math.Max(Math.Abs(rest) - penalty, 0) / curvature;
                if (next != beta[i])
                {
                    Kernels.AddScaled(fitted, next - beta[i], model.AsSpan(i * size, size));
                    moved = Math.Max(moved, Math.Abs(next - beta[i]));
                    beta[i] = next;
                }
            }

            if (moved < 1e-5)
            {
                break;
            }
        }

        return true;
    }

    private static double[] Partial(double[] model, double[] coefficients, int size)
    {
        var precision = new double[size];
        for (var j = 0; j < size; j++)
        {
            precision[j] = 1 / (model[(j * size) + j] - Kernels.Dot(model.AsSpan(j * size, size), coefficients.AsSpan(j * size, size)));
        }

        var weights = new double[Edges.Count(size)];
        for (int i = 0, edge = 0; i < size; i++)
        {
            for (var j = i + 1; j < size; j++, edge++)
            {
                double a = coefficients[(j * size) + i], b = coefficients[(i * size) + j];
                weights[edge] = a == 0 && b == 0 ? 0 : 0.5 * ((Math.Abs(a) * Math.Sqrt(precision[j] / precision[i])) + (Math.Abs(b) * Math.Sqrt(precision[i] / precision[j])));
            }
        }

        return weights;
    }
}
