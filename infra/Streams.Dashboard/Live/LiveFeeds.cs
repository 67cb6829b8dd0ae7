using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Dashboard.Results;

namespace Streams.Dashboard.Live;

/// <summary>The feeds that have readers. The first reader of a run starts its feed, the last one stops it.</summary>
internal sealed class LiveFeeds(
    IConnectionMultiplexer redis,
    IOptions<ResultStoreOptions> options,
    TimeProvider time,
    ILogger<LiveFeeds> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Shared> _feeds = [];

    // By run: the end of the feed before. A subscription that is ended takes one with it that begins on the same channel meanwhile.
    private readonly Dictionary<string, Task> _ending = [];

    public LiveLog Log { get; } = new(redis.GetDatabase(), options.Value);

    public TimeProvider Time => time;

    public async Task<Lease> AcquireAsync(string run)
    {
        Shared shared;
        lock (_gate)
        {
            if (!_feeds.TryGetValue(run, out shared!))
            {
                var feed = new LiveFeed(run, redis.GetSubscriber(), Log, time, logger);
                _ending.Remove(run, out var before);
                shared = new Shared(feed, new Lazy<Task>(() => StartAsync(feed, before ?? Task.CompletedTask)));
                _feeds.Add(run, shared);
            }

            shared.Readers++;
        }

        var lease = new Lease(this, run, shared);
        try
        {
            await shared.Started.Value;
            return lease;
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    private static async Task StartAsync(LiveFeed feed, Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await feed.StartAsync();
    }

    private static async Task EndAsync(LiveFeed feed)
    {
        // Not under the caller's lock.
        await Task.Yield();
        await feed.DisposeAsync();
    }

    private async ValueTask ReleaseAsync(string run, Shared shared)
    {
        Task ending;
        lock (_gate)
        {
            shared.Readers--;

            // A feed that failed to start is not handed out again.
            if (_feeds.GetValueOrDefault(run) == shared && (shared.Readers == 0 || shared.Started.Value.IsFaulted))
            {
                _feeds.Remove(run);
            }

            if (shared.Readers > 0)
            {
                return;
            }

            ending = EndAsync(shared.Feed);
            if (!_feeds.ContainsKey(run))
            {
                _ending[run] = ending;
            }
        }

        await ending;
    }

    /// <summary>A feed, and how many read it; guarded by the gate.</summary>
    internal sealed class Shared(LiveFeed feed, Lazy<Task> started)
    {
        public LiveFeed Feed => feed;

        public Lazy<Task> Started => started;

        public int Readers { get; set; }
    }

    /// <summary>One reader's hold on a feed.</summary>
    internal readonly struct Lease(LiveFeeds owner, string run, Shared shared) : IAsyncDisposable
    {
        public LiveTail Tail => shared.Feed.Tail;

        public ValueTask DisposeAsync() => owner.ReleaseAsync(run, shared);
    }
}
