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
                shared = new Shared(feed, new Lazy<Task>(feed.StartAsync));
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

    private async ValueTask ReleaseAsync(string run, Shared shared)
    {
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
        }

        await shared.Feed.DisposeAsync();
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
