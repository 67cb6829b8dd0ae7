namespace Streams.Dashboard.Results;

/// <summary>Which part of a history is wanted.</summary>
/// <param name="From">Earliest event time, inclusive; null: from the oldest kept.</param>
/// <param name="To">Latest event time, inclusive; null: to the newest.</param>
/// <param name="Limit">Most results to return.</param>
/// <param name="Before"><see cref="HistoryPage.Before"/> of the page before, or the id of a result of the key; null: the first page.</param>
public sealed record HistoryQuery(DateTimeOffset? From = null, DateTimeOffset? To = null, int Limit = HistoryQuery.DefaultLimit, string? Before = null)
{
    /// <summary>Results in a page unless asked otherwise.</summary>
    public const int DefaultLimit = 100;

    /// <summary>Most results in a page.</summary>
    public const int MaxLimit = 1_000;
}
