using System.Collections.Concurrent;
using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Schemas;

namespace Streams.Dashboard.Serving;

/// <summary>Results as dashboards and REST see them: of a run as it is, and of <c>live</c> with what is promoted in it.</summary>
public sealed class ServedResults(IConnectionMultiplexer redis, RedisResultStore store, ServingStore serving)
{
    /// <summary>Name under which live's own results are asked for, whatever is promoted. No run can have it.</summary>
    public const string LiveOwn = "live:own";

    private readonly IDatabase _redis = redis.GetDatabase();

    // Of one version of the table at a time. Written and read by requests.
    private volatile Replaced _replaced = new(0);

    /// <summary>The results of <paramref name="run"/>. What is served is looked up once, so that everything that one request reads goes together.</summary>
    public async Task<ServedView> OpenAsync(string run)
    {
        var table = run == Topics.LiveRun ? await serving.GetAsync() : ServingTable.Nothing;
        if (_replaced.Version != table.Version)
        {
            _replaced = new Replaced(table.Version);
        }

        return new ServedView(_redis, store, run == LiveOwn ? Topics.LiveRun : run, table, _replaced);
    }

    /// <summary>How many of live's own results a promotion replaces, as last counted.</summary>
    internal sealed record Replaced(long Version)
    {
        /// <summary>By result topic and key: what live had in all when it was counted, and the number.</summary>
        public ConcurrentDictionary<(string Topic, string Key), (long Of, long Inside)> Counts { get; } = new();
    }
}
