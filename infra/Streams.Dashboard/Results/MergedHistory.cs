using Streams.Schemas.Results;

namespace Streams.Dashboard.Results;

/// <summary>
/// The histories of many keys as one, newest first. Each is read in pieces, the next one only when a page has used the last up: a page of a
/// hundred results over a thousand keys does not read a hundred of each.
/// </summary>
internal static class MergedHistory
{
    private const int LeastPiece = 4;

    /// <summary>A page over <paramref name="keys"/>.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="query">What is wanted of all of them together.</param>
    /// <param name="read">A page of one key.</param>
    public static async Task<HistoryPage> ReadAsync(IReadOnlyList<string> keys, HistoryQuery query, Func<string, HistoryQuery, Task<HistoryPage>> read)
    {
        // A page takes one more, to know whether there are more.
        var wanted = query.Limit + 1;
        var piece = keys.Count <= 1 ? wanted : Math.Clamp(2 * wanted / keys.Count, Math.Min(LeastPiece, wanted), wanted);
        piece = Math.Min(piece, HistoryQuery.MaxLimit);
        var heads = new PriorityQueue<Source, ResultRecord>(Comparer<ResultRecord>.Create(NewestFirst));
        foreach (var source in await Task.WhenAll(keys.Select(key => Source.OpenAsync(key, query with { Limit = piece }, read))))
        {
            Enqueue(source);
        }

        var results = new List<ResultRecord>(wanted);
        while (results.Count < wanted && heads.TryDequeue(out var source, out var newest))
        {
            results.Add(newest);
            await source.MoveAsync();
            Enqueue(source);
        }

        return HistoryPage.Of(results, query.Limit);

        void Enqueue(Source source)
        {
            if (source.Head is { } head)
            {
                heads.Enqueue(source, head);
            }
        }
    }

    private static int NewestFirst(ResultRecord one, ResultRecord other) => one.Time != other.Time
        ? other.Time.CompareTo(one.Time)
        : string.CompareOrdinal(ResultOrder.Member(other.Id), ResultOrder.Member(one.Id));

    /// <summary>One key's history, read piece by piece.</summary>
    private sealed class Source(string key, HistoryQuery query, Func<string, HistoryQuery, Task<HistoryPage>> read)
    {
        private HistoryPage _page = new([], query.Before);
        private int _at;

        public ResultRecord? Head => _at < _page.Results.Count ? _page.Results[_at] : null;

        public static async Task<Source> OpenAsync(string key, HistoryQuery query, Func<string, HistoryQuery, Task<HistoryPage>> read)
        {
            var source = new Source(key, query, read);
            await source.FillAsync();
            return source;
        }

        public async Task MoveAsync()
        {
            _at++;
            if (Head is null && _page.Before is not null)
            {
                await FillAsync();
            }
        }

        private async Task FillAsync() => (_page, _at) = (await read(key, query with { Before = _page.Before }), 0);
    }
}
