using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// Scratch matrices of one thread, shared by all the networks that it updates: a network keeps no more than its state. Nothing in here
/// survives a call.
/// </summary>
internal sealed class Workspace
{
    [ThreadStatic]
    private static Workspace? _mine;

    private readonly AlignedArray _modes;
    private readonly AlignedArray _matrix;
    private readonly AlignedArray _scratch;
    private readonly AlignedArray _vectors;
    private readonly AlignedArray _pairs;
    private readonly int[] _integers;
    private readonly int _size;
    private int _second;

    private Workspace(int size)
    {
        _size = size;
        _modes = new AlignedArray(size * size);
        _matrix = new AlignedArray(size * size);
        _scratch = new AlignedArray(Lapack.EigenScratch(size) + 16);
        _vectors = new AlignedArray(Vectors * Rounded(size));
        _pairs = new AlignedArray(size * size / 2);
        _integers = new int[Lapack.EigenIntegers(size)];
    }

    private const int Vectors = 6;

    /// <summary>N x N; eigenvectors, one a row, after <see cref="Eigen"/>.</summary>
    public Span<double> Modes => _modes.Span;

    /// <summary>N x N.</summary>
    public Span<double> Matrix => _matrix.Span;

    /// <summary>N x N, destroyed by <see cref="Eigen"/>.</summary>
    public Span<double> First => _scratch.Span;

    /// <summary>N x N, destroyed by <see cref="Eigen"/>.</summary>
    public Span<double> Second => _scratch.Span[_second..];

    /// <summary>A number for each pair.</summary>
    public Span<double> Pairs => _pairs.Span;

    /// <summary>Twice N integers.</summary>
    public Span<int> Integers => _integers;

    /// <summary>The workspace of this thread for matrices of this size.</summary>
    public static Workspace For(int size)
    {
        var workspace = _mine is { } mine && mine._size >= size ? mine : _mine = new Workspace(size);
        workspace._second = Rounded(size * size);
        return workspace;
    }

    /// <summary>One of six vectors of N.</summary>
    public Span<double> Vector(int number) => _vectors.Span.Slice(number * Rounded(_size), _size);

    /// <summary>Overwrites the symmetric matrix in <see cref="Modes"/> with its eigenvectors.</summary>
    public void Eigen(int size, Span<double> values) =>
        // No more scratch space than the size needs: LAPACK may choose its blocks by it, and the bytes must not depend on larger networks.
        Lapack.Eigen(Modes, size, values, _scratch.Span[..Lapack.EigenScratch(size)], _integers.AsSpan(0, Lapack.EigenIntegers(size)));

    private static int Rounded(int length) => (length + 7) / 8 * 8;
}
