using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Serving;

/// <summary>The <see cref="ServingTable"/> in Redis. Changes are by compare-and-set, so that two operators at once lose neither's.</summary>
public sealed class ServingStore(IConnectionMultiplexer redis, RedisResultStore results, TimeProvider time)
{
    // Whole values are compared: they carry the version, and what a script need not parse works on every server.
    private const string Replace = """
        if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2])
        redis.call('PUBLISH', ARGV[3], ARGV[4])
        return 1
        """;

    private readonly IDatabase _redis = redis.GetDatabase();

    /// <summary>What is served now.</summary>
    public async Task<ServingTable> GetAsync() => Parse(await _redis.StringGetAsync(ResultKeys.Serving));

    /// <summary>Serves <paramref name="run"/>'s results within its bounds as live's, for <paramref name="keys"/> or, with null, for every key.</summary>
    /// <param name="run">A run that is done: what it has not made yet would be missing.</param>
    /// <param name="topic">Its source topic.</param>
    /// <param name="bounds">Its frozen bounds.</param>
    /// <param name="keys">Keys that the run has results for.</param>
    /// <exception cref="ServingException">The run cannot be served.</exception>
    public async Task<ServingTable> PromoteAsync(string run, string topic, IReadOnlyList<ServedRange> bounds, IReadOnlyCollection<string>? keys = null)
    {
        if (run is Topics.LiveRun or ServedResults.LiveOwn)
        {
            throw new ServingException($"run '{run}' is what a promotion replaces; promote a replay, or go back to live with 'streams runs rollback'");
        }

        if (!Topics.Sources.Contains(topic))
        {
            throw new ServingException($"topic '{topic}' is not a source; take one of {string.Join(", ", Topics.Sources)}");
        }

        var read = bounds.Where(range => range.End > range.Start).OrderBy(range => range.Partition).ToArray();
        if (read.Length == 0)
        {
            throw new ServingException($"run '{run}' read nothing of {topic}: its bounds are empty; replay with other bounds");
        }

        await CheckKeysAsync(run, topic, keys);
        var sorted = keys?.Distinct().Order(StringComparer.Ordinal).ToArray();
        return await ChangeAsync(table => table.Promote(run, topic, sorted, read, time.GetUtcNow()));
    }

    /// <summary>Serves what was served before the last promotion that is not rolled back yet.</summary>
    /// <exception cref="ServingException">There was none, or a run that was served then is deleted.</exception>
    public async Task<ServingTable> RollbackAsync()
    {
        var runs = (await results.GetRunsAsync()).ToHashSet();
        return await ChangeAsync(table =>
        {
            var before = table.Rollback();
            return before.Entries.FirstOrDefault(entry => !runs.Contains(entry.Run)) is { } gone
                ? throw new ServingException($"run '{gone.Run}' was served before and is deleted; promote another run instead, or replay it again under that name")
                : before;
        });
    }

    internal static ServingTable Parse(RedisValue json) =>
        json.IsNullOrEmpty ? ServingTable.Nothing : ResultJson.Deserialize<ServingTable>(((ReadOnlyMemory<byte>)json).Span);

    private async Task CheckKeysAsync(string run, string topic, IReadOnlyCollection<string>? keys)
    {
        var known = new HashSet<string>();
        foreach (var result in Topics.Results.Where(result => Topics.SourceOf(result) == topic))
        {
            known.UnionWith(await results.GetKeysAsync(run, result));
        }

        if (known.Count == 0)
        {
            throw new ServingException($"run '{run}' has no results from {topic}; see what there is with 'streams runs list'");
        }

        if (keys is { Count: 0 })
        {
            throw new ServingException("keys: the list is empty; leave it out to promote every key");
        }

        if (keys?.FirstOrDefault(key => !known.Contains(key)) is { } stranger)
        {
            throw new ServingException($"key '{stranger}' has no results in run '{run}'; there are {string.Join(", ", known.Order(StringComparer.Ordinal).Take(10))}{(known.Count > 10 ? ", …" : "")}");
        }
    }

    private async Task<ServingTable> ChangeAsync(Func<ServingTable, ServingTable> change)
    {
        while (true)
        {
            var old = await _redis.StringGetAsync(ResultKeys.Serving);
            var table = change(Parse(old));
            var replaced = await _redis.ScriptEvaluateAsync(
                Replace,
                [ResultKeys.Serving],
                [old.IsNull ? "" : old, ResultJson.Serialize(table), (string)ResultKeys.ServingChannel!, table.Version]);
            if ((int)replaced == 1)
            {
                return table;
            }
        }
    }
}
