using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Dashboard.Results;

namespace Streams.Dashboard.Live;

/// <summary>Follows one run's log for all readers of this process: one subscription, one loop.</summary>
internal sealed class LiveFeed(string run, ISubscriber subscriber, LiveLog log, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>Pub/sub forgets what it sends while a connection is down, so the log is looked at even when nothing comes.</summary>
    private static readonly TimeSpan CatchUpInterval = TimeSpan.FromSeconds(2);

    /// <summary>Past every sequence number, and exact in Lua 5.1's doubles.</summary>
    private const long End = 1L << 52;

    private readonly CancellationTokenSource _stopping = new();
    private ChannelMessageQueue? _messages;
    private Task _loop = Task.CompletedTask;

    public LiveTail Tail { get; } = new();

    public async Task StartAsync()
    {
        // Subscribe first, then read: what comes in between arrives twice and is dropped once.
        _messages = await subscriber.SubscribeAsync(ResultKeys.LiveLog(run).Channel);
        await JumpToEndAsync();
        _loop = RunAsync(_messages, _stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        try
        {
            await (_messages?.UnsubscribeAsync() ?? Task.CompletedTask);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Without a connection there is no subscription left to end.
            DashboardLog.UnsubscribeFailed(logger, run, e.Message);
        }

        _stopping.Dispose();
    }

    private async Task RunAsync(ChannelMessageQueue messages, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(CatchUpInterval, time);
        var next = messages.ReadAsync(cancellation).AsTask();
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (await Task.WhenAny(next, tick) == next)
                {
                    var message = await next;
                    next = messages.ReadAsync(cancellation).AsTask();
                    await AcceptAsync(LiveLog.ParseMessage(message.Message));
                }
                else
                {
                    await tick;
                    tick = timer.WaitForNextTickAsync(cancellation).AsTask();
                    await CatchUpAsync();
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                DashboardLog.FeedInterrupted(logger, run, e.Message);
            }
        }
    }

    private async Task AcceptAsync(LiveEntry? entry)
    {
        var last = Tail.Last?.Sequence ?? 0;
        if (entry?.Sequence == last + 1)
        {
            Tail.Append(entry);
        }
        else if (entry is null || entry.Sequence > last)
        {
            // Messages were lost. Those behind were read from the log before they arrived; a log that was begun anew shows at the next tick.
            await CatchUpAsync();
        }
    }

    private async Task CatchUpAsync()
    {
        while (true)
        {
            var last = Tail.Last;
            var page = await log.ReadAsync(run, last?.Sequence ?? 0, last?.Result.Id);
            if ((last is not null && !page.Known) || page.First > (last?.Sequence ?? 0) + 1)
            {
                await JumpToEndAsync();
                return;
            }

            foreach (var entry in page.Entries)
            {
                Tail.Append(entry);
            }

            if (page.Entries.Count == 0)
            {
                return;
            }
        }
    }

    private async Task JumpToEndAsync()
    {
        var end = await log.ReadAsync(run, End);
        var newest = end.Last == 0 ? null : (await log.ReadAsync(run, end.Last - 1)).Entries;
        Tail.Reset(newest is { Count: > 0 } ? newest[0] : null);
    }
}
