using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Serving;

/// <summary>
/// What dashboards and REST serve as <c>live</c>: one value in Redis, so that a promotion or a rollback is seen whole or not at all. It carries
/// what was served before, so that a rollback needs nothing else.
/// </summary>
/// <param name="Version">One more with every change, rollbacks included.</param>
/// <param name="Entries">The promotions in force, newest first; the first that is for a key decides.</param>
/// <param name="Earlier">What was served before, newest first, at most <see cref="MaxEarlier"/>.</param>
public sealed record ServingTable(long Version, IReadOnlyList<ServingEntry> Entries, IReadOnlyList<ServingStep> Earlier)
{
    /// <summary>How many rollbacks are possible after as many promotions.</summary>
    public const int MaxEarlier = 32;

    /// <summary>Nothing was ever promoted.</summary>
    public static ServingTable Nothing { get; } = new(0, [], []);

    /// <summary>The promotion that decides what is served for a key of a result topic; null: live's own results.</summary>
    public ServingEntry? Find(string resultTopic, string key)
    {
        if (Entries.Count == 0)
        {
            return null;
        }

        var source = Topics.SourceOf(resultTopic);
        return Entries.FirstOrDefault(entry => entry.Topic == source && entry.Covers(key));
    }

    /// <summary>A result of live's own is served: its key is not promoted, or it lies outside of the bounds.</summary>
    public bool ServesOwn(ResultRecord result) => Find(result.Topic, result.Key)?.Contains(result.Id) != true;

    /// <summary>Some of what is served comes from <paramref name="run"/>.</summary>
    public bool Serves(string run) => Entries.Any(entry => entry.Run == run);

    /// <summary>The table after a promotion, which takes its keys from the promotions before it.</summary>
    internal ServingTable Promote(string run, string topic, IReadOnlyList<string>? keys, IReadOnlyList<ServedRange> bounds, DateTimeOffset at)
    {
        var promotion = new ServingEntry(Version + 1, run, topic, keys, bounds, at);
        return new ServingTable(
            Version + 1,
            [promotion, .. Entries.Select(entry => entry.Topic == topic ? Without(entry, keys) : entry).OfType<ServingEntry>()],
            [new ServingStep(Version, Entries), .. Earlier.Take(MaxEarlier - 1)]);
    }

    /// <summary>The table as it was before the last promotion that is not rolled back yet.</summary>
    internal ServingTable Rollback() => Earlier.Count > 0
        ? new ServingTable(Version + 1, Earlier[0].Entries, [.. Earlier.Skip(1)])
        : throw new ServingException("nothing to roll back: no promotion is left before what is served; see it with 'streams runs serving'");

    private static ServingEntry? Without(ServingEntry entry, IReadOnlyList<string>? keys) =>
        keys is null ? null
        // "Every key" stays as it is: the newer entry comes first.
        : entry.Keys is null ? entry
        : entry.Keys.Except(keys).ToArray() is { Length: > 0 } left ? entry with { Keys = left }
        : null;
}
