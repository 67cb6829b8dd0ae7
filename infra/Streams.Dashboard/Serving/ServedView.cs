using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Serving;

/// <summary>
/// One look at a run's results. For a promoted key they are those of the promoted run inside of its bounds and live's own outside: two histories
/// merged in the order of time and member, which is the same in both.
/// </summary>
public sealed class ServedView
{
    private readonly IDatabase _redis;
    private readonly RedisResultStore _store;
    private readonly string _run;
    private readonly ServingTable _table;
    private readonly ServedResults.Replaced _replaced;

    internal ServedView(IDatabase redis, RedisResultStore store, string run, ServingTable table, ServedResults.Replaced replaced)
    {
        _redis = redis;
        _store = store;
        _run = run;
        _table = table;
        _replaced = replaced;
    }

    /// <summary>Keys that have results, sorted.</summary>
    public async Task<IReadOnlyList<string>> GetKeysAsync(string topic)
    {
        var (keys, ofRuns) = await CandidatesAsync(topic);
        var there = await Task.WhenAll(keys.Select(async key =>
            _table.Find(topic, key) is not { } entry
            || ofRuns[entry].Contains(key)
            || (await Own(topic, key, entry).ReadAsync(new HistoryQuery(), 1, null)).Count > 0));
        return [.. keys.Where((_, i) => there[i])];
    }

    /// <summary>The result of latest event time, or null when the key has none.</summary>
    public async Task<ResultRecord?> GetLatestAsync(string topic, string key) =>
        _table.Find(topic, key) is null
            ? await _store.GetLatestAsync(_run, topic, key)
            : (await GetHistoryAsync(topic, key, new HistoryQuery(Limit: 1))).Results.FirstOrDefault();

    /// <summary>The latest result of each key, sorted by key.</summary>
    public async Task<IReadOnlyList<ResultRecord>> GetLatestAsync(string topic)
    {
        var (keys, _) = await CandidatesAsync(topic);
        return [.. (await Task.WhenAll(keys.Select(key => GetLatestAsync(topic, key)))).OfType<ResultRecord>()];
    }

    /// <summary>A page of one key's history, newest first.</summary>
    public async Task<HistoryPage> GetHistoryAsync(string topic, string key, HistoryQuery query)
    {
        if (_table.Find(topic, key) is not { } entry)
        {
            return await _store.GetHistoryAsync(_run, topic, key, query);
        }

        // Whichever run the last page ended in: its place in the common order is where this one begins, also when another run is served since.
        HistoryPart.Position? below = null;
        if (query.Before is { } before && (below = await HistoryPart.FindAsync(_redis, topic, key, before)) is null)
        {
            return new HistoryPage([], null);
        }

        var parts = await Task.WhenAll(
            new HistoryPart(_redis, entry.Run, topic, key, entry.Bounds, inside: true).ReadAsync(query, query.Limit + 1, below),
            Own(topic, key, entry).ReadAsync(query, query.Limit + 1, below));
        return HistoryPage.Of([.. RedisResultStore.NewestFirst(parts.SelectMany(part => part)).Take(query.Limit + 1)], query.Limit);
    }

    /// <summary>A page of the history of all keys of a topic, newest first.</summary>
    public async Task<HistoryPage> GetHistoryAsync(string topic, HistoryQuery query)
    {
        var (keys, _) = await CandidatesAsync(topic);
        return await MergedHistory.ReadAsync(keys, query, (key, piece) => GetHistoryAsync(topic, key, piece));
    }

    /// <summary>Distinct results so far by result topic, those that history has let go included.</summary>
    public async Task<IReadOnlyDictionary<string, long>> GetCountsAsync()
    {
        var own = await _store.GetCountsAsync(_run);
        var counts = await Task.WhenAll(Topics.Results.Select(async topic =>
            _table.Entries.Any(entry => entry.Topic == Topics.SourceOf(topic)) ? await CountAsync(topic) : own[topic]));
        return Topics.Results.Zip(counts).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private async Task<long> CountAsync(string topic)
    {
        var (keys, _) = await CandidatesAsync(topic);
        return (await Task.WhenAll(keys.Select(key => CountAsync(topic, key)))).Sum();
    }

    private async Task<long> CountAsync(string topic, string key)
    {
        var own = await _store.CountAsync(_run, topic, key);
        if (_table.Find(topic, key) is not { } entry)
        {
            return own;
        }

        var provided = await _store.CountAsync(entry.Run, topic, key);
        return provided + own - await ReplacedAsync(topic, key, entry, own, provided);
    }

    /// <summary>
    /// How many of live's results the promotion replaces. Exact while live's history of the key is whole. What history has let go cannot be
    /// told apart any more; of that, live is taken to have had as many results of the same records as the run has.
    /// </summary>
    private async Task<long> ReplacedAsync(string topic, string key, ServingEntry entry, long own, long provided)
    {
        // Counting walks the whole history, and status is asked for every few seconds. The records within the bounds were there when the run
        // began, so the number seldom changes: it is counted anew when live has grown by a tenth.
        if (_replaced.Counts.TryGetValue((topic, key), out var known) && own >= known.Of && own - known.Of <= known.Of / 10)
        {
            return known.Inside;
        }

        var kept = await new HistoryPart(_redis, _run, topic, key, entry.Bounds, inside: true).CountAsync();
        var letGo = own - await _redis.SortedSetLengthAsync(ResultKeys.Of(_run, topic, key).History);
        var inside = Math.Max(kept, Math.Min(kept + letGo, provided));
        _replaced.Counts[(topic, key)] = (own, inside);
        return inside;
    }

    /// <summary>Keys of live and of the runs that are served; some may have no result that is served.</summary>
    private async Task<(IReadOnlyList<string> Keys, IReadOnlyDictionary<ServingEntry, HashSet<string>> OfRuns)> CandidatesAsync(string topic)
    {
        var keys = await _store.GetKeysAsync(_run, topic);
        var ofRuns = new Dictionary<ServingEntry, HashSet<string>>();
        if (_table.Entries.Count == 0)
        {
            return (keys, ofRuns);
        }

        foreach (var entry in _table.Entries.Where(entry => entry.Topic == Topics.SourceOf(topic)))
        {
            ofRuns[entry] = [.. await _store.GetKeysAsync(entry.Run, topic)];
        }

        var served = ofRuns.SelectMany(pair => pair.Value.Where(key => _table.Find(topic, key) == pair.Key));
        return ([.. keys.Union(served).Order(StringComparer.Ordinal)], ofRuns);
    }

    private HistoryPart Own(string topic, string key, ServingEntry? entry) => new(_redis, _run, topic, key, entry?.Bounds ?? [], inside: false);
}
