namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// Communities of bounded size: clusters are merged with the neighbour that adds most to the modularity (Clauset, Newman and Moore 2004), smallest
/// first, as long as they fit; what is left over is packed into what has room.
/// </summary>
internal static class Communities
{
    /// <param name="links">For each vertex its partners and their weights, symmetric.</param>
    /// <param name="most">Most vertices of one community.</param>
    /// <returns>The members of each community, ascending.</returns>
    public static int[][] Find(IReadOnlyList<Dictionary<int, double>> links, int most)
    {
        var members = Enumerable.Range(0, links.Count).Select(i => new List<int> { i }).ToArray();
        var neighbours = links.Select(own => new SortedDictionary<int, double>(own)).ToArray();
        var degrees = links.Select(own => own.Values.Sum()).ToArray();
        var total = Math.Max(degrees.Sum(), 1e-300);
        bool merged;
        do
        {
            merged = false;
            foreach (var cluster in Enumerable.Range(0, links.Count).Where(i => members[i].Count > 0).OrderBy(i => members[i].Count).ThenBy(i => i).ToArray())
            {
                if (members[cluster].Count > 0 && Best(cluster, members, neighbours, degrees, total, most) is var best and >= 0)
                {
                    Merge(cluster, best, members, neighbours, degrees);
                    merged = true;
                }
            }
        }
        while (merged);
        return Pack(members.Where(own => own.Count > 0), most);
    }

    private static int Best(int cluster, List<int>[] members, SortedDictionary<int, double>[] neighbours, double[] degrees, double total, int most)
    {
        var (best, gain) = (-1, 0d);
        foreach (var (other, weight) in neighbours[cluster])
        {
            var own = weight - (degrees[cluster] * degrees[other] / total);
            if (own > gain && members[cluster].Count + members[other].Count <= most)
            {
                (best, gain) = (other, own);
            }
        }

        return best;
    }

    private static void Merge(int from, int into, List<int>[] members, SortedDictionary<int, double>[] neighbours, double[] degrees)
    {
        members[into].AddRange(members[from]);
        members[from].Clear();
        degrees[into] += degrees[from];
        foreach (var (other, weight) in neighbours[from])
        {
            neighbours[other].Remove(from);
            if (other != into)
            {
                neighbours[into][other] = neighbours[other][into] = neighbours[into].GetValueOrDefault(other) + weight;
            }
        }

        neighbours[from].Clear();
    }

    private static int[][] Pack(IEnumerable<List<int>> clusters, int most)
    {
        var blocks = new List<List<int>>();
        foreach (var cluster in clusters.OrderByDescending(own => own.Count).ThenBy(own => own[0]))
        {
            var room = blocks.Find(block => block.Count + cluster.Count <= most);
            if (room is null)
            {
                blocks.Add(cluster);
            }
            else
            {
                room.AddRange(cluster);
            }
        }

        return [.. blocks.Select(block => block.Order().ToArray())];
    }
}
