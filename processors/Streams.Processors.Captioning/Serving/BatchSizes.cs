using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// Batch sizes of one stage of a model that give every item the same bits, wherever it stands in a batch and whatever stands beside it. Matrix
/// products choose their kernel, and with it the order of summation, by their shape, never by their values: what holds for dense random
/// items at each place of a batch holds for all.
/// </summary>
internal sealed class BatchSizes
{
    private BatchSizes(IReadOnlyList<int> sizes) => Sizes = sizes;

    /// <summary>Ascending.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>Most items of one batch.</summary>
    public int Max => Sizes[^1];

    /// <summary>Each item by itself: the one mode that needs no proof.</summary>
    public static BatchSizes OneByOne { get; } = new([1]);

    /// <summary>Sizes (ascending) of which nothing is asked.</summary>
    public static BatchSizes Any(IReadOnlyList<int> sizes) => new(sizes);

    /// <summary>
    /// Tries <paramref name="candidates"/> (ascending) on the items 0 to the largest - 1, and keeps those whose results equal the smallest's bit by
    /// bit in every arrangement tried; <see cref="OneByOne"/> when the smallest does not even equal itself.
    /// </summary>
    /// <param name="candidates">Sizes to try.</param>
    /// <param name="run">Results (N, ...) of these items, in this order.</param>
    /// <param name="byLargest">Compare with the largest instead, and where it does not equal itself with the next.</param>
    public static BatchSizes Probe(IReadOnlyList<int> candidates, Func<int[], Tensor> run, bool byLargest = false)
    {
        using var scope = NewDisposeScope();
        var items = Enumerable.Range(0, candidates[^1]).ToArray();
        var reference = byLargest ? candidates[^1] : candidates[0];
        Tensor Run(int[] chunk)
        {
            using var inner = NewDisposeScope();
            return run(chunk).MoveToOuterDisposeScope();
        }

        var expected = cat([.. Chunks(items, reference).Select(Run)], 0);
        Tensor Expected(int[] chunk) => expected.index_select(0, tensor(chunk, dtype: ScalarType.Int64, device: expected.device));
        bool IsAsExpected(int[] chunk) => Expected(chunk).eq(Run(chunk)).all().item<bool>();
        bool Holds(int[] arranged, int size) => Chunks(arranged, size).All(IsAsExpected);
        int[] rotated = [.. items.Skip(1), items[0]];
        int[] reversed = [.. items.Reverse()];
        if (Holds(rotated, reference) && Holds(reversed, reference))
        {
            return new BatchSizes([.. candidates.Where(size => size == reference || (Holds(items, size) && Holds(reversed, size)))]);
        }

        return byLargest && candidates.Count > 1 ? Probe([.. candidates.SkipLast(1)], run, byLargest) : OneByOne;
    }

    /// <summary>Batches that cover <paramref name="count"/> items in a row, the last one filled up where no size fits.</summary>
    /// <param name="count">Items.</param>
    /// <param name="sparing">
    /// The time is in the items, as a CPU's is where each is a large one: several batches rather than one that is filled up. Otherwise it is in the batches.
    /// </param>
    public IEnumerable<(int First, int Items, int Size)> Plan(int count, bool sparing = false)
    {
        for (var first = 0; first < count;)
        {
            var left = count - first;
            var size = sparing ? Sizes.LastOrDefault(size => size <= left, Sizes[0]) : Sizes.FirstOrDefault(size => size >= left, Max);
            yield return (first, Math.Min(left, size), size);
            first += size;
        }
    }

    public override string ToString() => string.Join('/', Sizes);

    // The last chunk takes items of the one before, where there are not enough.
    private static IEnumerable<int[]> Chunks(int[] items, int size) =>
        Enumerable.Range(0, (items.Length + size - 1) / size).Select(i => items.AsSpan(Math.Min(i * size, items.Length - size), size).ToArray());
}
