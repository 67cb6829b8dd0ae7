using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The loss of one graph with the filter network as it stands: ||g(L) - S||_F², or the Bures distance less tr C.</summary>
internal sealed class NetworkLoss
{
    private readonly double[] _root;
    private readonly SpectralWorkspace _workspace;
    private readonly NetworkFilter _filter;
    private readonly PolarFactor? _polar;
    private readonly double[] _spectrum;
    private readonly double[] _target;
    private readonly double[] _scaled;
    private readonly double[] _slopes;
    private readonly double[] _outer;

    public NetworkLoss(double[] root, int size, TransportLoss transport, Random random)
    {
        (_root, _workspace, _filter) = (root, new SpectralWorkspace(size), new NetworkFilter(size, random));
        _polar = transport == TransportLoss.Bures ? new PolarFactor(size) : null;
        (_spectrum, _scaled) = (new double[size * size], new double[size * size]);
        _target = _polar is null ? _spectrum : new double[size * size];
        (_slopes, _outer) = (new double[size], new double[size]);
    }

    private int Size => _workspace.Size;

    /// <summary>The graph that the other members are about.</summary>
    public void Take(ReadOnlySpan<double> weights)
    {
        _workspace.Decompose(weights);
        _workspace.ToBasis(_root, _spectrum);
    }

    /// <summary>One step of gradient descent on the filter.</summary>
    public void Descend(double rate)
    {
        _filter.Forward(_workspace.Frequencies);
        _polar?.Target(_filter.Output, _spectrum, _target);
        for (var i = 0; i < Size; i++)
        {
            _outer[i] = 2 * (_filter.Output[i] - _target[(i * Size) + i]);
        }

        _filter.Descend(_workspace.Frequencies, _outer, rate);
    }

    public double Value()
    {
        _filter.Forward(_workspace.Frequencies);
        var nuclear = _polar?.Target(_filter.Output, _spectrum, _target);
        double loss = _polar is null ? Kernels.Dot(_spectrum, _spectrum) : 0, trace = 0;
        for (var i = 0; i < Size; i++)
        {
            loss += _filter.Output[i] * _filter.Output[i];
            trace += _filter.Output[i] * _spectrum[(i * Size) + i];
        }

        return loss - (2 * (nuclear ?? trace));
    }

    /// <summary>dF/dA for every pair at fixed network, after <see cref="Value"/>.</summary>
    public void Gradient(Span<double> gradient)
    {
        _filter.Slopes(_slopes);
        for (var i = 0; i < Size; i++)
        {
            for (var j = 0; j < Size; j++)
            {
                var at = (i * Size) + j;
                _scaled[at] = 2 * Loewner.Entry(_workspace.Frequencies, _filter.Output, _slopes, i, j) * ((i == j ? _filter.Output[i] : 0) - _target[at]);
            }
        }

        _workspace.EdgeGradient(_scaled, gradient);
    }
}
