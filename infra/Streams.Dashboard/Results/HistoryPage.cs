using Streams.Schemas.Results;

namespace Streams.Dashboard.Results;

/// <summary>A page of history, newest first.</summary>
/// <param name="Results">The results.</param>
/// <param name="Before">What to pass as <see cref="HistoryQuery.Before"/> for the next page; null when there is none.</param>
public sealed record HistoryPage(IReadOnlyList<ResultRecord> Results, string? Before)
{
    /// <summary>The first <paramref name="limit"/> of <paramref name="results"/>; when there are more, another page follows.</summary>
    internal static HistoryPage Of(IReadOnlyList<ResultRecord> results, int limit) => results.Count > limit
        ? new HistoryPage([.. results.Take(limit)], HistoryCursor.After(results[limit - 1]).ToString())
        : new HistoryPage(results, null);
}
