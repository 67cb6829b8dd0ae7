namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// The samples of a pool that were looked at to the end, and their bins. Only these count, in the order of the draws, so that what the census
/// says does not depend on when answers came.
/// </summary>
internal sealed class PairCensus(int pool)
{
    private readonly List<(int Sample, int Bin)> _done = [];
    private readonly Dictionary<int, int> _bins = [];

    /// <summary>Different samples in each bin.</summary>
    private readonly List<int> _sizes = [];

    /// <summary>Samples not looked at yet.</summary>
    public int Rest => pool - _done.Count;

    public bool Contains(int sample) => _bins.ContainsKey(sample);

    /// <summary>The bin of <paramref name="sample"/>, <see cref="PairModeEstimator.NoBin"/> if it equalled none; null when it was not looked at.</summary>
    public int? BinOf(int sample) => _bins.TryGetValue(sample, out var bin) ? bin : null;

    public void Add(int sample, int bin)
    {
        _done.Add((sample, bin));
        _bins.Add(sample, bin);
        if (bin == PairModeEstimator.NoBin)
        {
            return;
        }

        while (_sizes.Count <= bin)
        {
            _sizes.Add(0);
        }

        _sizes[bin]++;
    }

    /// <summary>
    /// The largest of <paramref name="bins"/> and the samples by which it leads. With a lead above <see cref="Rest"/> the samples not looked at
    /// cannot change which label is the most frequent of the pool, a label without a bin included.
    /// </summary>
    public (int Bin, int Lead) Largest(IReadOnlyList<int> bins)
    {
        var (largest, first, second) = (PairModeEstimator.NoBin, 0, 0);
        foreach (var bin in bins)
        {
            var size = bin < _sizes.Count ? _sizes[bin] : 0;
            if (size > first)
            {
                (largest, first, second) = (bin, size, first);
            }
            else
            {
                second = Math.Max(second, size);
            }
        }

        return (largest, first - second);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_done.Count);
        foreach (var (sample, bin) in _done)
        {
            writer.Write7BitEncodedInt(sample);
            writer.Write7BitEncodedInt(bin + 1);
        }
    }

    public void Restore(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            Add(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt() - 1);
        }
    }
}
