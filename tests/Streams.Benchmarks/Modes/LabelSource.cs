namespace Streams.Benchmarks.Modes;

/// <summary>
/// Independent labels from a law, by Vose's alias method on a SplitMix64 stream: the same labels for the same run on every machine,
/// whatever the number of cores. Labels are numbered by share, label 0 being the mode.
/// </summary>
internal sealed class LabelSource
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    /// <param name="law">Shares of the labels, adding up to 1.</param>
    public LabelSource(IReadOnlyList<double> law)
    {
        _keep = [.. law.Select(share => share * law.Count)];
        _alias = [.. Enumerable.Range(0, law.Count)];
        var small = new Stack<int>(_alias.Where(label => _keep[label] < 1));
        var large = new Stack<int>(_alias.Where(label => _keep[label] >= 1));
        while (small.Count > 0 && large.Count > 0)
        {
            var less = small.Pop();
            var more = large.Pop();
            _alias[less] = more;
            _keep[more] -= 1 - _keep[less];
            (_keep[more] < 1 ? small : large).Push(more);
        }

        foreach (var label in small.Concat(large))
        {
            _keep[label] = 1;
        }
    }

    /// <summary>The next label of the stream at <paramref name="state"/>.</summary>
    public int Next(ref ulong state)
    {
        var bits = NextBits(ref state);
        var label = (int)(((bits & uint.MaxValue) * (ulong)_keep.Length) >> 32);
        return (bits >> 32) * (1.0 / (1L << 32)) < _keep[label] ? label : _alias[label];
    }

    /// <summary>One step of SplitMix64.</summary>
    public static ulong NextBits(ref ulong state)
    {
        var value = state += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
