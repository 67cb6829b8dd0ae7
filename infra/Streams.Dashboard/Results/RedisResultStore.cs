using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Dashboard.Live;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Results;

/// <summary>
/// Results in Redis: the newest of each key, its history, and a log to follow. Writing is idempotent by id, so a projector may repeat a batch
/// whose outcome it does not know, and two projectors may overlap.
/// </summary>
public sealed class RedisResultStore
{
    private static readonly RedisValue CountField = "count";

    private readonly IDatabase _redis;
    private readonly LiveLog _live;
    private readonly ResultStoreOptions _options;

    /// <summary>A store in the default database of <paramref name="redis"/>.</summary>
    public RedisResultStore(IConnectionMultiplexer redis, IOptions<ResultStoreOptions> options)
    {
        _redis = redis.GetDatabase();
        _options = options.Value;
        _live = new LiveLog(_redis, _options);
    }

    /// <summary>Writes <paramref name="batch"/> in order and publishes what is new.</summary>
    /// <returns>How many results were new.</returns>
    /// <exception cref="RedisException">Redis did not answer; the batch may be half applied. Repeat it.</exception>
    public async Task<int> ProjectAsync(IReadOnlyList<ResultRecord> batch)
    {
        if (batch.Count == 0)
        {
            return 0;
        }

        // Indexes first: a result that is applied is always findable.
        var indexing = new List<Task>();
        foreach (var (run, topic, key) in batch.Select(r => (r.Run, r.Topic, r.Key)).Distinct())
        {
            indexing.Add(_redis.SetAddAsync(ResultKeys.KeyIndex(run, topic), key));
        }

        foreach (var run in batch.Select(r => r.Run).Distinct())
        {
            indexing.Add(_redis.SetAddAsync(ResultKeys.Runs, run));
        }

        var bodies = batch.Select(r => ResultJson.Serialize(r)).ToArray();
        var applied = new Task<RedisResult>[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            applied[i] = ApplyAsync(batch[i], bodies[i]);
        }

        await Task.WhenAll(indexing);
        var outcomes = await Task.WhenAll(applied);

        // A result stays pending with its key until the run's log has it. A projector that dies in between leaves it
        // pending, and whoever gets the record again from Kafka brings it to the log; the log drops what it has by id.
        var unpublished = Enumerable.Range(0, batch.Count).Where(i => (int)outcomes[i] != 0).ToArray();
        foreach (var run in unpublished.GroupBy(i => batch[i].Run))
        {
            await _live.AppendAsync(run.Key, [.. run.Select(i => new LiveLog.Addition(batch[i].Id, batch[i].Topic, bodies[i]))]);
        }

        await Task.WhenAll(unpublished.Select(i =>
            _redis.SetRemoveAsync(ResultKeys.Of(batch[i].Run, batch[i].Topic, batch[i].Key).Pending, ResultOrder.Member(batch[i].Id))));
        return outcomes.Count(outcome => (int)outcome == 2);
    }

    /// <summary>Runs that have results, sorted, live first.</summary>
    public async Task<IReadOnlyList<string>> GetRunsAsync() =>
        [.. (await _redis.SetMembersAsync(ResultKeys.Runs)).Select(r => (string)r!).OrderBy(r => r != Topics.LiveRun).ThenBy(r => r, StringComparer.Ordinal)];

    /// <summary>Keys that have results, sorted.</summary>
    public async Task<IReadOnlyList<string>> GetKeysAsync(string run, string topic) =>
        [.. (await _redis.SetMembersAsync(ResultKeys.KeyIndex(run, topic))).Select(k => (string)k!).Order(StringComparer.Ordinal)];

    /// <summary>The result of latest event time, or null when the key has none.</summary>
    public async Task<ResultRecord?> GetLatestAsync(string run, string topic, string key)
    {
        var json = await _redis.HashGetAsync(ResultKeys.Of(run, topic, key).Latest, "json");
        return json.IsNull ? null : Parse(json);
    }

    /// <summary>The latest result of each key, sorted by key.</summary>
    public async Task<IReadOnlyList<ResultRecord>> GetLatestAsync(string run, string topic)
    {
        var keys = await GetKeysAsync(run, topic);
        var latest = await Task.WhenAll(keys.Select(key => GetLatestAsync(run, topic, key)));
        return [.. latest.OfType<ResultRecord>()];
    }

    /// <summary>A page of one key's history, newest first.</summary>
    public async Task<HistoryPage> GetHistoryAsync(string run, string topic, string key, HistoryQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, HistoryQuery.MaxLimit);
        HistoryPart.Position? below = null;
        if (query.Before is { } before && (below = await HistoryPart.FindAsync(_redis, topic, key, before)) is null)
        {
            return new HistoryPage([], null);
        }

        return HistoryPage.Of(
            await new HistoryPart(_redis, run, topic, key, bounds: [], inside: false).ReadAsync(query, query.Limit + 1, below), query.Limit);
    }

    /// <summary>A page of the history of all keys of a topic, newest first.</summary>
    public async Task<HistoryPage> GetHistoryAsync(string run, string topic, HistoryQuery query) =>
        await MergedHistory.ReadAsync(await GetKeysAsync(run, topic), query, (key, piece) => GetHistoryAsync(run, topic, key, piece));

    /// <summary>Distinct results so far by result topic, those that history has let go included.</summary>
    public async Task<IReadOnlyDictionary<string, long>> GetCountsAsync(string run)
    {
        var counts = await _redis.HashGetAsync(ResultKeys.LiveLog(run).State, [.. Topics.Results.Select(ResultKeys.CountField)]);
        return Topics.Results.Zip(counts).ToDictionary(pair => pair.First, pair => (long)pair.Second);
    }

    /// <summary>Counts what a version has written that kept no counts of a topic. To be called before this one writes.</summary>
    public async Task CountOnceAsync()
    {
        foreach (var run in await GetRunsAsync())
        {
            var state = ResultKeys.LiveLog(run).State;
            foreach (var topic in Topics.Results)
            {
                if (!await _redis.HashExistsAsync(state, ResultKeys.CountField(topic)) && await GetKeysAsync(run, topic) is { Count: > 0 } keys)
                {
                    var counts = await Task.WhenAll(keys.Select(key => CountAsync(run, topic, key)));
                    await _redis.HashSetAsync(state, ResultKeys.CountField(topic), counts.Sum(), When.NotExists);
                }
            }
        }
    }

    /// <summary>Forgets a run. Nothing may write to it meanwhile.</summary>
    public async Task DeleteRunAsync(string run)
    {
        foreach (var topic in Topics.Results)
        {
            foreach (var key in await GetKeysAsync(run, topic))
            {
                await _redis.KeyDeleteAsync(ResultKeys.Of(run, topic, key).All);
            }

            await _redis.KeyDeleteAsync(ResultKeys.KeyIndex(run, topic));
            if (run != Topics.LiveRun)
            {
                // Its topics go with it. A later run of that name begins with new ones.
                await ProjectionCursors.ForgetAsync(_redis, Topics.ForRun(run, topic));
            }
        }

        await _redis.KeyDeleteAsync(ResultKeys.LiveLog(run).All);
        await _redis.SetRemoveAsync(ResultKeys.Runs, run);
    }

    /// <summary>The order of histories, backwards.</summary>
    internal static IEnumerable<ResultRecord> NewestFirst(IEnumerable<ResultRecord> results) =>
        results.OrderByDescending(r => r.Time).ThenByDescending(r => ResultOrder.Member(r.Id), StringComparer.Ordinal);

    internal async Task<long> CountAsync(string run, string topic, string key) =>
        (long)await _redis.HashGetAsync(ResultKeys.Of(run, topic, key).Meta, CountField);

    internal static ResultRecord Parse(RedisValue json) =>
        JsonSerializer.Deserialize<ResultRecord>(((ReadOnlyMemory<byte>)json).Span, ResultJson.Options)!;

    private static string Micros(DateTimeOffset time) => EventTime.ToMicroseconds(time).ToString(CultureInfo.InvariantCulture);

    private Task<RedisResult> ApplyAsync(ResultRecord result, byte[] json) =>
        _redis.ScriptEvaluateAsync(
            ResultScripts.Apply,
            ResultKeys.Of(result.Run, result.Topic, result.Key).All,
            [
                ResultOrder.Member(result.Id),
                Micros(result.Time),
                result.Id,
                json,
                _options.HistoryPerKey,
                ResultOrder.Source(result.Id),
                ResultOrder.PositionLength,
            ]);
}
