using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// Cuts a network into communities and those nearest to each, its halo: edges between communities are found there. Sensors belong together that are
/// correlated above their mean correlation, and that have an edge so far.
/// </summary>
internal static class NetworkCut
{
    /// <summary>Parts of the sensors of a covariance.</summary>
    public static List<NetworkPart> Find(RecursiveCovariance covariance, IEnumerable<GraphEdge> edges, PartitionOptions options)
    {
        var links = Links(covariance, options.Partners);
        foreach (var edge in edges)
        {
            Link(links, edge.From, edge.To, 2 * edge.Weight);
        }

        return [.. Communities.Find(links, options.BlockSize).Select(core => new NetworkPart([.. core, .. Halo(links, core, options.Halo)], core.Length))];
    }

    /// <summary>The parts over other sensors. Those that join are in parts of their own; before the first cut there are none.</summary>
    /// <param name="parts">So far.</param>
    /// <param name="sensors">How many there were.</param>
    /// <param name="places">For each sensor its number so far, or -1 for one that is new.</param>
    /// <param name="most">Sensors of one part of new ones.</param>
    /// <exception cref="ArgumentException">No sensors, a place that is not there, or one taken twice.</exception>
    public static List<KeptPart> Adopt(IReadOnlyList<NetworkPart> parts, int sensors, ReadOnlySpan<int> places, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(places.Length, 1);
        var now = new int[sensors];
        Array.Fill(now, -1);
        var joined = new List<int>();
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] < -1 || places[i] >= sensors || (places[i] >= 0 && now[places[i]] >= 0))
            {
                throw new ArgumentException(
                    $"place {places[i]} of {sensors} sensors is not there or taken twice; give each former sensor at most one place, and -1 to new ones",
                    nameof(places));
            }

            if (places[i] >= 0)
            {
                now[places[i]] = i;
            }
            else
            {
                joined.Add(i);
            }
        }

        var kept = new List<KeptPart>();
        for (var former = 0; former < parts.Count; former++)
        {
            var part = parts[former];
            int[] stay = [.. Enumerable.Range(0, part.Members.Length).Where(a => now[part.Members[a]] >= 0)];
            var core = stay.Count(a => a < part.Core);
            if (core > 0)
            {
                kept.Add(new KeptPart(new NetworkPart([.. stay.Select(a => now[part.Members[a]])], core), former, stay));
            }
        }

        return parts.Count == 0 ? [] : [.. kept, .. joined.Chunk(most).Select(own => new KeptPart(new NetworkPart(own, own.Length), -1, []))];
    }

    private static IEnumerable<int> Halo(Dictionary<int, double>[] links, int[] core, int most)
    {
        var inside = core.ToHashSet();
        var pull = new Dictionary<int, double>();
        foreach (var (other, weight) in core.SelectMany(i => links[i]).Where(link => !inside.Contains(link.Key)))
        {
            pull[other] = pull.GetValueOrDefault(other) + weight;
        }

        return pull.OrderByDescending(other => other.Value).ThenBy(other => other.Key).Take(most).Select(other => other.Key);
    }

    /// <summary>Each sensor's strongest correlations above its mean one.</summary>
    private static Dictionary<int, double>[] Links(RecursiveCovariance covariance, int partners)
    {
        var sensors = covariance.Sensors;
        var links = Enumerable.Range(0, sensors).Select(_ => new Dictionary<int, double>()).ToArray();
        var lower = covariance.Lower;
        var scales = new double[sensors];
        for (var i = 0; i < sensors; i++)
        {
            var variance = lower[RecursiveCovariance.Index(i, i)];
            scales[i] = variance > 0 ? 1 / Math.Sqrt(variance) : 0;
        }

        var keys = new double[sensors];
        var indices = new int[sensors];
        for (var i = 0; i < sensors; i++)
        {
            var mean = 0d;
            for (var j = 0; j < sensors; j++)
            {
                var correlation = i == j ? 0 : lower[RecursiveCovariance.Index(Math.Max(i, j), Math.Min(i, j))] * scales[i] * scales[j];
                (keys[j], indices[j]) = (-correlation, j);
                mean += correlation / sensors;
            }

            Array.Sort(keys, indices);
            for (var k = 0; k < Math.Min(partners, sensors - 1); k++)
            {
                Link(links, i, indices[k], -keys[k] - mean);
            }
        }

        return links;
    }

    private static void Link(Dictionary<int, double>[] links, int i, int j, double weight)
    {
        if (i != j && weight > 0)
        {
            links[i][j] = links[j][i] = links[i].GetValueOrDefault(j) + weight;
        }
    }
}
