namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>An array that grows without being copied and with little slack: many small structs cost what they hold.</summary>
internal sealed class ChunkedArray<T>
    where T : struct
{
    /// <summary>4,096 elements: what is empty in the last chunks of a store is under a byte a key from 100,000 keys on.</summary>
    private const int ChunkBits = 12;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly List<T[]> _chunks = [];

    /// <summary>Elements in use.</summary>
    public int Count { get; private set; }

    public ref T this[int index] => ref _chunks[index >> ChunkBits][index & (ChunkSize - 1)];

    /// <summary>Elements <paramref name="index"/> and after it, <paramref name="length"/> of them; they must lie in one chunk.</summary>
    public Span<T> Span(int index, int length) => _chunks[index >> ChunkBits].AsSpan(index & (ChunkSize - 1), length);

    /// <summary>Takes <paramref name="length"/> default elements in a row, of one chunk; the index of the first.</summary>
    public int Take(int length)
    {
        if (_chunks.Count == 0 || (Count & (ChunkSize - 1)) == 0 || (Count & (ChunkSize - 1)) + length > ChunkSize)
        {
            Count = _chunks.Count << ChunkBits;
            _chunks.Add(new T[ChunkSize]);
        }

        Count += length;
        return Count - length;
    }
}
