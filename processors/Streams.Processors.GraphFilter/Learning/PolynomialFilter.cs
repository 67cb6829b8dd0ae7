namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// Polynomials of degree 5 in x = lambda / lambda_max that are monotone and at least 0 on [0, 1]: non-negative combinations of the partial sums
/// of the Bernstein polynomials, which fall from 1 to 0 (low-pass; the others rise), and the constant.
/// </summary>
internal sealed class PolynomialFilter(FilterSign sign) : IGraphFilter
{
    private const int Degree = 5;
    private const int Atoms = Degree + 1;
    private static readonly double[] Binomials = [1, 5, 10, 10, 5, 1];

    private readonly NonNegativeLeastSquares _solver = new(Atoms);
    private readonly double[] _gram = new double[Atoms * Atoms];
    private readonly double[] _right = new double[Atoms];

    public FilterScale Scale => FilterScale.Largest;

    public void Fit(ReadOnlySpan<double> points, ReadOnlySpan<double> targets, ReadOnlySpan<double> importance)
    {
        Span<double> values = stackalloc double[Atoms];
        Span<double> slopes = stackalloc double[Atoms];
        Array.Clear(_gram);
        Array.Clear(_right);
        for (var i = 0; i < points.Length; i++)
        {
            if (importance[i] == 0)
            {
                continue;
            }

            Values(points[i], values, slopes);
            for (var k = 0; k < Atoms; k++)
            {
                _right[k] += importance[i] * values[k] * targets[i];
                for (var l = 0; l < Atoms; l++)
                {
                    _gram[(k * Atoms) + l] += importance[i] * values[k] * values[l];
                }
            }
        }

        _solver.Solve(_gram, (ReadOnlySpan<double>)_right);
    }

    public (double Gain, double Slope) At(double x)
    {
        Span<double> values = stackalloc double[Atoms];
        Span<double> slopes = stackalloc double[Atoms];
        Values(x, values, slopes);
        double gain = 0, slope = 0;
        for (var k = 0; k < Atoms; k++)
        {
            gain += _solver.Solution[k] * values[k];
            slope += _solver.Solution[k] * slopes[k];
        }

        return (gain, slope);
    }

    /// <summary>Atom k is the sum of the first k + 1 Bernstein polynomials, the last of them the constant 1.</summary>
    private void Values(double x, Span<double> values, Span<double> slopes)
    {
        double sum = 0, slopeSum = 0;
        for (var k = 0; k < Atoms; k++)
        {
            sum += Binomials[k] * Math.Pow(x, k) * Math.Pow(1 - x, Degree - k);

            // The derivative telescopes: that of the sum up to k is -n times the Bernstein polynomial k of degree n - 1.
            slopeSum = k == Degree ? 0 : -Degree * Binomials[k] * (Degree - k) / Degree * Math.Pow(x, k) * Math.Pow(1 - x, Degree - 1 - k);
            var constant = k == Degree;
            values[k] = constant ? 1 : sign == FilterSign.HighPass ? 1 - sum : sum;
            slopes[k] = constant ? 0 : sign == FilterSign.HighPass ? -slopeSum : slopeSum;
        }
    }
}
