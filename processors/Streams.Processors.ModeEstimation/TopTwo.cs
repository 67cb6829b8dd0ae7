namespace Streams.Processors.ModeEstimation;

/// <summary>Counts of labels with the two largest at hand, in O(1) a label.</summary>
internal sealed class TopTwo
{
    private readonly List<long> _counts = [];

    public long Total { get; private set; }

    /// <summary>The label that was the first to reach <see cref="First"/>; -1 before any.</summary>
    public int Leader { get; private set; } = -1;

    public long First { get; private set; }

    /// <summary>The second largest count; which label has it does not matter to any rule.</summary>
    public long Second { get; private set; }

    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Count of <paramref name="label"/>, 0 if it was not seen.</summary>
    public long Of(int label) => label < _counts.Count ? _counts[label] : 0;

    public void Add(int label)
    {
        while (_counts.Count <= label)
        {
            _counts.Add(0);
        }

        var before = _counts[label]++;
        Total++;
        if (before == First)
        {
            // The leader itself, or one that was level with it; then the old leader is what is now second, with the same count.
            Leader = label;
            First++;
        }
        else if (before == Second)
        {
            Second++;
        }
    }

    /// <summary>Names <paramref name="leader"/>, as saved, among labels that are level: counting again in another order may have found another.</summary>
    public void BreakTie(int leader)
    {
        if (leader < 0 ? Total > 0 : leader >= _counts.Count || _counts[leader] != First)
        {
            throw new InvalidDataException($"label {leader} is not a leader of the saved counts");
        }

        Leader = leader;
    }

    /// <summary>The counts as saved.</summary>
    public static TopTwo Restore(IEnumerable<long> counts, int leader)
    {
        var top = new TopTwo();
        foreach (var count in counts)
        {
            top._counts.Add(count);
            top.Total += count;
            top.Second = Math.Max(top.Second, Math.Min(count, top.First));
            top.First = Math.Max(top.First, count);
        }

        top.BreakTie(leader);
        return top;
    }
}
