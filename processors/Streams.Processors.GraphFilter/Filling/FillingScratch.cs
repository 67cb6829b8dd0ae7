using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>Scratch matrices of one thread, shared by all the networks that it fills. Nothing in here survives a call.</summary>
internal sealed class FillingScratch
{
    [ThreadStatic]
    private static FillingScratch? _mine;

    private readonly AlignedArray _covariance;
    private readonly AlignedArray _model;
    private readonly AlignedArray _prior;
    private readonly int _size;

    private FillingScratch(int size)
    {
        _size = size;
        (_covariance, _model, _prior) = (new AlignedArray(size * size), new AlignedArray(size * size), new AlignedArray(size * size));
    }

    /// <summary>N x N: the recursive covariance.</summary>
    public Span<double> Covariance => _covariance.Span;

    /// <summary>N x N: the graph's covariance.</summary>
    public Span<double> Model => _model.Span;

    /// <summary>N x N: what is expected of the row.</summary>
    public Span<double> Prior => _prior.Span;

    /// <summary>The scratch matrices of this thread, of this size or larger.</summary>
    public static FillingScratch For(int size) => _mine is { } mine && mine._size >= size ? mine : _mine = new FillingScratch(size);
}
