using Streams.Schemas.Results;

namespace Streams.Dashboard.Serving;

/// <summary>A run that was promoted: it provides what <c>live</c> serves for some keys, within the run's bounds.</summary>
/// <param name="Promotion">Version of the table that the promotion made; tells two promotions of one run apart.</param>
/// <param name="Run">The run.</param>
/// <param name="Topic">Source topic of the run.</param>
/// <param name="Keys">The keys, sorted; null: every key. Not the list of keys that the run has: where it has nothing, nothing is the answer.</param>
/// <param name="Bounds">The run's frozen bounds, one for each source partition that it read. Outside of them live's own results are served.</param>
/// <param name="At">When it was promoted.</param>
public sealed record ServingEntry(
    long Promotion, string Run, string Topic, IReadOnlyList<string>? Keys, IReadOnlyList<ServedRange> Bounds, DateTimeOffset At)
{
    /// <summary>The promotion is for <paramref name="key"/>.</summary>
    public bool Covers(string key) => Keys is null || Keys.Contains(key);

    /// <summary>The result was made from a record within the bounds.</summary>
    public bool Contains(string id) =>
        ResultId.TryParse(id, out var parsed) && parsed.Topic == Topic
        && Bounds.Any(range => range.Partition == parsed.Partition && parsed.Offset >= range.Start && parsed.Offset < range.End);
}
