namespace Streams.EndToEnd.Faults;

/// <summary>
/// Holds a recorded history against what must have come of it, in the manner of Jepsen's queue checker: every acknowledged record has its
/// effect, once; nothing that was aborted has one; an offset holds one value; an id has one value; results of a key come in order.
/// </summary>
internal static class HistoryChecker
{
    /// <summary>What is wrong with a history; nothing when all lists are empty.</summary>
    /// <param name="Lost">Ids of results that never came, and acknowledged records that the topic does not hold.</param>
    /// <param name="Doubled">Ids whose value is not that of a sequential run, values that came twice into the topic, and ids that should not exist.</param>
    /// <param name="Conflicts">Offsets or ids that were read with different values.</param>
    /// <param name="AbortedReads">Aborted values that were read.</param>
    /// <param name="OutOfOrder">Ids that came for the first time after a later one of their key.</param>
    /// <param name="Misshown">Ids that REST lacks, shows more than once, shows with another value, or should not show.</param>
    /// <param name="Repeated">Ids that came again with the same value: allowed without transactions.</param>
    internal sealed record Verdict(
        IReadOnlyList<string> Lost,
        IReadOnlyList<string> Doubled,
        IReadOnlyList<string> Conflicts,
        IReadOnlyList<string> AbortedReads,
        IReadOnlyList<string> OutOfOrder,
        IReadOnlyList<string> Misshown,
        int Repeated)
    {
        public bool IsClean => Lost.Count + Doubled.Count + Conflicts.Count + AbortedReads.Count + OutOfOrder.Count + Misshown.Count == 0;

        public override string ToString() => IsClean
            ? "clean"
            : string.Join("; ", new[] { ("lost", Lost), ("doubled", Doubled), ("conflicts", Conflicts), ("aborted reads", AbortedReads), ("out of order", OutOfOrder), ("wrong in REST", Misshown) }
                .Where(kind => kind.Item2.Count > 0)
                .Select(kind => $"{kind.Item2.Count} {kind.Item1}: {string.Join(", ", kind.Item2.Take(5))}"));
    }

    /// <summary>Checks.</summary>
    /// <param name="history">What was recorded.</param>
    /// <param name="keyOf">The key of a result's value: order is kept within one.</param>
    public static Verdict Check(History history, Func<string, string> keyOf)
    {
        var (acknowledged, source, expected) = (history.Acknowledged, history.Source, history.Expected);
        var held = source.ToDictionary(record => (record.Partition, record.Offset), record => record.Value);
        var lost = acknowledged.Where(record => !held.ContainsKey(record.Key)).Select(record => $"{record.Key} {record.Value}").ToList();
        var conflicts = acknowledged.Where(record => held.TryGetValue(record.Key, out var value) && value != record.Value).Select(record => $"{record.Key}").ToList();
        var doubled = source.GroupBy(record => record.Value).Where(group => group.Count() > 1).Select(group => group.Key).ToList();
        var never = history.Aborted.ToHashSet();
        var abortedReads = source.Where(record => never.Contains(record.Value)).Select(record => record.Value).ToList();

        var seen = new Dictionary<string, string>();
        var at = new Dictionary<(int, long), string>();
        var newest = new Dictionary<(string Key, string Source), (long Offset, int N)>();
        var outOfOrder = new List<string>();
        var repeated = 0;
        foreach (var result in history.Read)
        {
            if (!at.TryAdd((result.Partition, result.Offset), result.Value) && at[(result.Partition, result.Offset)] != result.Value)
            {
                conflicts.Add($"offset {result.Partition}/{result.Offset}");
            }

            if (!seen.TryAdd(result.Id, result.Value))
            {
                repeated++;
                if (seen[result.Id] != result.Value)
                {
                    conflicts.Add(result.Id);
                }

                continue;
            }

            if (!expected.TryGetValue(result.Id, out var value) || value != result.Value)
            {
                doubled.Add(result.Id);
            }

            if (Schemas.Results.ResultId.TryParse(result.Id, out var id))
            {
                var stream = (keyOf(result.Value), $"{id.Topic}/{id.Partition}");
                if (newest.TryGetValue(stream, out var before) && before.CompareTo((id.Offset, id.N)) > 0)
                {
                    outOfOrder.Add(result.Id);
                }

                newest[stream] = (id.Offset, id.N);
            }
        }

        lost.AddRange(expected.Keys.Where(id => !seen.ContainsKey(id)));
        return new Verdict(lost, doubled, conflicts, abortedReads, outOfOrder, Misshown(history), repeated);
    }

    private static List<string> Misshown(History history)
    {
        if (history.Served is null)
        {
            return [];
        }

        var once = history.Served.GroupBy(result => result.Id).Where(group => group.Count() == 1).ToDictionary(group => group.Key, group => group.First().Value);
        return [
            .. history.Expected.Where(result => once.GetValueOrDefault(result.Key) != result.Value).Select(result => result.Key),
            .. history.Served.Select(result => result.Id).Distinct().Where(id => !history.Expected.ContainsKey(id))];
    }
}
