namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>Doubles that start at a cache line and never move: <see cref="Lapack"/> rounds by the place of its arguments.</summary>
internal sealed class AlignedArray
{
    private const int Line = 64 / sizeof(double);

    private readonly double[] _numbers;
    private readonly int _start;

    public AlignedArray(int length)
    {
        Length = length;
        _numbers = GC.AllocateArray<double>(length + Line, pinned: true);
        var address = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_numbers, 0);
        _start = (int)((64 - (address % 64)) % 64 / sizeof(double));
    }

    public int Length { get; }

    public Span<double> Span => _numbers.AsSpan(_start, Length);
}
