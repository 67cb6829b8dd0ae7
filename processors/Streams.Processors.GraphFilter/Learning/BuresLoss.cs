using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The squared Wasserstein distance between N(0, C) and N(0, g(L)²), F(A) = min over g of tr C + tr g² - 2 ||g(L) S||_*. The filter step majorises:
/// with the polar factor Q of g S held, the best g is a least-squares fit to ½(Q S + S Qᵀ), and F never rises.
/// </summary>
internal sealed class BuresLoss : IGraphLoss
{
    private const int MostFits = 100;

    private readonly double[] _root;
    private readonly int _first;
    private readonly IGraphFilter _filter;
    private readonly SpectralWorkspace _workspace;
    private readonly PolarFactor _polar;
    private readonly double _trace;
    private readonly double _tolerance;
    private readonly double[] _spectrum;
    private readonly double[] _target;
    private readonly double[] _scaled;
    private readonly double[] _points;
    private readonly double[] _gains;
    private readonly double[] _slopes;
    private readonly double[] _targets;
    private readonly double[] _importance;

    /// <param name="root">S, the symmetric root of the covariance, row-major.</param>
    /// <param name="workspace">Where the eigenbasis is computed.</param>
    /// <param name="filter">The family of g.</param>
    /// <param name="withoutConstant">Leave the constant mode out.</param>
    /// <param name="tolerance">Filter fits go on until F falls by less than this share of tr C.</param>
    public BuresLoss(double[] root, SpectralWorkspace workspace, IGraphFilter filter, bool withoutConstant, double tolerance = 1e-6)
    {
        (Size, _workspace, _filter, _first, _tolerance) = (workspace.Size, workspace, filter, withoutConstant ? 1 : 0, tolerance);
        (_root, _polar) = (withoutConstant ? Centring.Apply(root, Size) : root, new PolarFactor(Size));
        (_spectrum, _target, _scaled) = (new double[Size * Size], new double[Size * Size], new double[Size * Size]);
        (_points, _gains, _slopes) = (new double[Size], new double[Size], new double[Size]);
        (_targets, _importance) = (new double[Size], new double[Size]);
        _importance.AsSpan(_first).Fill(1);
        _trace = Kernels.Dot(_root, _root);
    }

    public int Size { get; }

    public double Evaluate(ReadOnlySpan<double> weights)
    {
        _workspace.Decompose(weights);
        var unit = FilterUnit.Of(_workspace.Frequencies, _filter.Scale);
        _workspace.ToBasis(_root, _spectrum);
        for (var i = 0; i < Size; i++)
        {
            _points[i] = _workspace.Frequencies[i] / unit;
            _targets[i] = _spectrum[(i * Size) + i];
        }

        var loss = double.PositiveInfinity;
        for (var fit = 0; fit < MostFits; fit++)
        {
            _filter.Fit(_points, _targets, _importance);
            var squares = 0d;
            for (var i = _first; i < Size; i++)
            {
                var (gain, slope) = _filter.At(_points[i]);
                (_gains[i], _slopes[i]) = (gain, slope / unit);
                squares += gain * gain;
            }

            var then = _trace + squares - (2 * _polar.Target(_gains, _spectrum, _target));
            var done = loss - then < _tolerance * _trace;
            loss = then;
            if (done)
            {
                break;
            }

            for (var i = 0; i < Size; i++)
            {
                _targets[i] = _target[(i * Size) + i];
            }
        }

        return Math.Max(loss, 0);
    }

    public void Gradient(Span<double> gradient)
    {
        Loewner.Weigh(_workspace.Frequencies, _gains, _slopes, _target, _first, _scaled);
        FilterUnit.AddDerivative(_scaled, _points, _filter.Scale);
        _workspace.EdgeGradient(_scaled, gradient);
    }
}
