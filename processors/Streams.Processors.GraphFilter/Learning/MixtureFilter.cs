namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// Monotone filters as mixtures of exponentials in x = lambda / mean(lambda) with weights of at least 0:
/// g = sum c_k exp(-r_k x) when low-pass, g = c_0 + sum c_k (1 - exp(-r_k x)) when high-pass, with rates r_k of 0 (the constant) and
/// 1/4 to 16 by twos. By Bernstein's theorem the low-pass ones are dense among the completely monotone functions.
/// </summary>
internal sealed class MixtureFilter(FilterSign sign) : IGraphFilter
{
    private const double SmallestRate = 0.25;
    private const int Atoms = 8;

    private readonly NonNegativeLeastSquares _solver = new(Atoms);
    private readonly double[] _gram = new double[Atoms * Atoms];
    private readonly double[] _right = new double[Atoms];

    public double[] Coefficients => _solver.Solution;

    public FilterScale Scale => FilterScale.Mean;

    public void Fit(ReadOnlySpan<double> points, ReadOnlySpan<double> targets, ReadOnlySpan<double> importance)
    {
        Span<double> values = stackalloc double[Atoms];
        Array.Clear(_gram);
        Array.Clear(_right);
        for (var i = 0; i < points.Length; i++)
        {
            if (importance[i] == 0)
            {
                continue;
            }

            Values(points[i], values);
            for (var k = 0; k < Atoms; k++)
            {
                var value = importance[i] * values[k];
                _right[k] += value * targets[i];
                for (var l = 0; l <= k; l++)
                {
                    _gram[(k * Atoms) + l] += value * values[l];
                }
            }
        }

        for (var k = 0; k < Atoms; k++)
        {
            for (var l = 0; l < k; l++)
            {
                _gram[(l * Atoms) + k] = _gram[(k * Atoms) + l];
            }
        }

        _solver.Solve(_gram, _right);
    }

    public (double Gain, double Slope) At(double x)
    {
        double gain = Coefficients[0], slope = 0, rate = SmallestRate;
        var power = Math.Exp(-SmallestRate * x);
        for (var k = 1; k < Atoms; k++, rate *= 2, power *= power)
        {
            gain += Coefficients[k] * (sign == FilterSign.HighPass ? 1 - power : power);
            slope -= Coefficients[k] * rate * power;
        }

        return (gain, sign == FilterSign.HighPass ? -slope : slope);
    }

    /// <summary>Of the atoms at x. Each rate is twice the one before: one exponential, then squares.</summary>
    private void Values(double x, Span<double> values)
    {
        values[0] = 1;
        var power = Math.Exp(-SmallestRate * x);
        for (var k = 1; k < Atoms; k++, power *= power)
        {
            values[k] = sign == FilterSign.HighPass ? 1 - power : power;
        }
    }
}
