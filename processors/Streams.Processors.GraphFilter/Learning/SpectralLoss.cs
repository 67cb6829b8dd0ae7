using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The commuting Wasserstein loss F(A) = min over g of ||g(L) - S||_F², and its gradient. At the best g the chain rule through g
/// vanishes, and in the eigenbasis of L the gradient is the residual times the Loewner matrix of divided differences of g, which stays
/// finite where eigenvalues repeat.
/// </summary>
internal sealed class SpectralLoss : IGraphLoss
{
    private readonly double[] _root;
    private readonly int _first;
    private readonly IGraphFilter _filter;
    private readonly SpectralWorkspace _workspace;
    private readonly double[] _spectrum;
    private readonly double[] _scaled;
    private readonly double[] _targets;
    private readonly double[] _importance;
    private readonly double[] _slopes;

    /// <param name="root">S, the symmetric root of the covariance, row-major.</param>
    /// <param name="size">Number of vertices.</param>
    /// <param name="sign">Low- or high-pass.</param>
    /// <param name="withoutConstant">Leave the constant mode out of the fit, for readings that were centred across sensors.</param>
    public SpectralLoss(double[] root, int size, FilterSign sign, bool withoutConstant)
        : this(root, new SpectralWorkspace(size), new MixtureFilter(sign), withoutConstant)
    {
    }

    /// <param name="root">S, the symmetric root of the covariance, row-major.</param>
    /// <param name="workspace">Where the eigenbasis is computed.</param>
    /// <param name="filter">The family of g.</param>
    /// <param name="withoutConstant">Leave the constant mode out of the fit, for readings that were centred across sensors.</param>
    public SpectralLoss(double[] root, SpectralWorkspace workspace, IGraphFilter filter, bool withoutConstant)
    {
        (Size, _filter, _first, _workspace) = (workspace.Size, filter, withoutConstant ? 1 : 0, workspace);
        _root = withoutConstant ? Centring.Apply(root, Size) : root;
        (_spectrum, _scaled) = (new double[Size * Size], new double[Size * Size]);
        (Points, Gains, _slopes, _targets, _importance) = (new double[Size], new double[Size], new double[Size], new double[Size], new double[Size]);
        _importance.AsSpan(_first).Fill(1);
        SquaredNorm = Kernels.Dot(_root, _root);
    }

    public int Size { get; }

    /// <summary>||S||_F², the loss of the zero filter.</summary>
    public double SquaredNorm { get; }

    /// <summary>Frequencies of the last graph, in the unit of the filter.</summary>
    public double[] Points { get; }

    /// <summary>g at each frequency of the last graph.</summary>
    public double[] Gains { get; }

    /// <summary>F of the graph with these edge weights; nothing is allocated.</summary>
    public double Evaluate(ReadOnlySpan<double> weights)
    {
        _workspace.Decompose(weights);
        var unit = FilterUnit.Of(_workspace.Frequencies, _filter.Scale);
        _workspace.ToBasis(_root, _spectrum);
        for (var i = 0; i < Size; i++)
        {
            Points[i] = _workspace.Frequencies[i] / unit;
            _targets[i] = _spectrum[(i * Size) + i];
        }

        _filter.Fit(Points, _targets, _importance);
        var loss = Kernels.Dot(_spectrum, _spectrum);
        for (var i = 0; i < Size; i++)
        {
            var (gain, slope) = i < _first ? (0, 0) : _filter.At(Points[i]);
            (Gains[i], _slopes[i]) = (gain, slope / unit);
            loss += ((gain - _targets[i]) * (gain - _targets[i])) - (_targets[i] * _targets[i]);
        }

        return Math.Max(loss, 0);
    }

    /// <summary>dF/dA for every pair, in the order of <see cref="Edges"/>, at the last graph evaluated.</summary>
    public void Gradient(Span<double> gradient)
    {
        Loewner.Weigh(_workspace.Frequencies, Gains, _slopes, _spectrum, _first, _scaled);
        FilterUnit.AddDerivative(_scaled, Points, _filter.Scale);
        _workspace.EdgeGradient(_scaled, gradient);
    }

    /// <summary>Evaluates the graph with these edge weights and keeps what came out.</summary>
    public Point At(ReadOnlySpan<double> weights)
    {
        var loss = Evaluate(weights);
        var gradient = new double[Edges.Count(Size)];
        Gradient(gradient);
        var squares = Gains.Select(gain => gain * gain).ToArray();
        return new Point([.. Points], [.. Gains], loss, _workspace.FromBasis(squares), gradient);
    }

    /// <summary>One graph with its best filter.</summary>
    /// <param name="Points">Frequencies in the unit of the filter.</param>
    /// <param name="Gains">g at each frequency.</param>
    /// <param name="Loss">F.</param>
    /// <param name="Model">M = g(L)², the covariance of the model, row-major.</param>
    /// <param name="Slope">dF/dA for every pair, in the order of <see cref="Edges"/>.</param>
    public sealed record Point(double[] Points, double[] Gains, double Loss, double[] Model, double[] Slope)
    {
        public double[] Covariance() => Model;

        public double[] Gradient() => Slope;
    }
}
