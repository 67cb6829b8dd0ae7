using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The Gaussian likelihood of x = g(L) w: F(A) = min over g of the sum over the modes of log g_i² + c_i / g_i² with c = diag(Uᵀ C U), which
/// is twice the negative log-likelihood per sample. Where the commuting loss gives every entry of the residual the same say, this one
/// weighs it by its sampling error, so that modes of small gain count as well. The constant mode is that of every graph and is left out.
/// <para>
/// The filter step is Fisher scoring, one least-squares problem each time: targets (g_i + c_i / g_i) / 2 with importance 1 / g_i².
/// </para>
/// </summary>
internal sealed class LikelihoodLoss
{
    /// <summary>Gains count as no less than this share of the largest, or modes that sampling left empty would rule.</summary>
    private const double Floor = 0.02;

    private const int Scorings = 3;

    private readonly double[] _covariance;
    private readonly IGraphFilter _filter;
    private readonly SpectralWorkspace _workspace;
    private readonly double[] _spectrum;
    private readonly double[] _scaled;
    private readonly double[] _points;
    private readonly double[] _targets;
    private readonly double[] _importance;
    private readonly double[] _precisions;
    private readonly double[] _slopes;

    /// <param name="covariance">C, row-major.</param>
    /// <param name="workspace">Where the eigenbasis is computed.</param>
    /// <param name="filter">The family of g.</param>
    public LikelihoodLoss(double[] covariance, SpectralWorkspace workspace, IGraphFilter filter)
    {
        (Size, _filter, _workspace, _covariance) = (workspace.Size, filter, workspace, covariance);
        (_spectrum, _scaled) = (new double[Size * Size], new double[Size * Size]);
        (_points, _targets, _importance) = (new double[Size], new double[Size], new double[Size]);
        (_precisions, _slopes) = (new double[Size], new double[Size]);
    }

    public int Size { get; }

    /// <summary>F of the graph with these edge weights.</summary>
    public double Evaluate(ReadOnlySpan<double> weights)
    {
        _workspace.Decompose(weights);
        var unit = FilterUnit.Of(_workspace.Frequencies, _filter.Scale);
        _workspace.ToBasis(_covariance, _spectrum);
        var largest = 0d;
        for (var i = 1; i < Size; i++)
        {
            _points[i] = _workspace.Frequencies[i] / unit;
            largest = Math.Max(largest, _spectrum[(i * Size) + i]);
        }

        var floor = Math.Max(Floor * Math.Sqrt(largest), 1e-150);
        for (var scoring = 0; scoring < Scorings; scoring++)
        {
            for (var i = 1; i < Size; i++)
            {
                var power = Math.Max(_spectrum[(i * Size) + i], 0);
                var gain = Math.Max(floor, scoring == 0 ? Math.Sqrt(power) : _filter.At(_points[i]).Gain);
                _targets[i] = 0.5 * (gain + (power / gain));
                _importance[i] = 1 / (gain * gain);
            }

            _filter.Fit(_points, _targets, _importance);
        }

        var loss = 0d;
        for (var i = 1; i < Size; i++)
        {
            var (gain, slope) = _filter.At(_points[i]);
            (gain, slope) = gain < floor ? (floor, 0) : (gain, slope);
            _precisions[i] = 1 / (gain * gain);
            _slopes[i] = -2 * slope / unit / (gain * gain * gain);
            loss += (2 * Math.Log(gain)) + (_spectrum[(i * Size) + i] * _precisions[i]);
        }

        return loss;
    }

    /// <summary>dF/dA for every pair at the last graph evaluated.</summary>
    public void Gradient(Span<double> gradient)
    {
        for (var i = 1; i < Size; i++)
        {
            for (var j = 1; j < Size; j++)
            {
                var at = (i * Size) + j;
                _scaled[at] = Loewner.Entry(_workspace.Frequencies, _precisions, _slopes, i, j) * (_spectrum[at] - (i == j ? 1 / _precisions[i] : 0));
            }
        }

        FilterUnit.AddDerivative(_scaled, _points, _filter.Scale);
        _workspace.EdgeGradient(_scaled, gradient);
    }

    /// <summary>
    /// Fisher information d²F/dA² of every pair by itself, at fixed g: sum over modes k, l of Gamma_kl² g_k² g_l² b_k² b_l², Gamma the
    /// divided differences of 1/g² and b_k what the pair's difference has of mode k.
    /// </summary>
    public void Information(Span<double> information)
    {
        for (var k = 1; k < Size; k++)
        {
            for (var l = 1; l < Size; l++)
            {
                var divided = Loewner.Entry(_workspace.Frequencies, _precisions, _slopes, k, l);
                _scaled[(k * Size) + l] = divided * divided / (_precisions[k] * _precisions[l]);
            }
        }

        var modes = _workspace.Columns;
        for (int i = 0, edge = 0; i < Size; i++)
        {
            for (var j = i + 1; j < Size; j++, edge++)
            {
                for (var k = 1; k < Size; k++)
                {
                    var difference = modes[(i * Size) + k] - modes[(j * Size) + k];
                    _targets[k] = difference * difference;
                }

                information[edge] = 0;
                for (var k = 1; k < Size; k++)
                {
                    information[edge] += _targets[k] * Kernels.Dot(_scaled.AsSpan((k * Size) + 1, Size - 1), _targets.AsSpan(1));
                }
            }
        }
    }
}
