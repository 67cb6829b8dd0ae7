using System.Runtime.CompilerServices;
using Streams.Dashboard.Serving;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Live;

/// <summary>Results of a run as they come.</summary>
public sealed class LiveResults
{
    private readonly LiveFeeds _feeds;
    private readonly ServingWatch _serving;

    internal LiveResults(LiveFeeds feeds, ServingWatch serving)
    {
        _feeds = feeds;
        _serving = serving;
    }

    /// <summary>Every result of <paramref name="run"/> from now on, once, in the order they were projected.</summary>
    /// <exception cref="LiveGapException">The caller was slower than the results for longer than the live log is long.</exception>
    public async IAsyncEnumerable<ResultRecord> FollowAsync(string run, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in FollowAsync(run, null, Timeout.InfiniteTimeSpan, _ => true, promoted: false, cancellationToken))
        {
            switch (item.Kind)
            {
                case LiveEventKind.Result:
                    yield return item.Entry!.Result;
                    break;
                case LiveEventKind.Resync:
                    throw new LiveGapException(run);
            }
        }
    }

    /// <summary>
    /// Results after <paramref name="from"/>, or from now on when that is null, that pass <paramref name="filter"/>. With
    /// <paramref name="promoted"/>, those that a promoted run replaces are left out, and the reader is told when that changes.
    /// </summary>
    internal async IAsyncEnumerable<LiveEvent> FollowAsync(
        string run,
        LiveCursor? from,
        TimeSpan heartbeat,
        Func<ResultRecord, bool> filter,
        bool promoted,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var time = _feeds.Time;
        await using var lease = await _feeds.AcquireAsync(run);
        var view = lease.Tail.Read(long.MaxValue);
        var epoch = view.Epoch;
        var serving = ServingWatch.Never;
        if (promoted)
        {
            await _serving.StartAsync();
            serving = _serving.Current;
        }

        var position = CursorOf(view.Last, serving);
        if (from is null)
        {
            yield return new LiveEvent(LiveEventKind.Hello, position);
        }
        else
        {
            var page = await _feeds.Log.ReadAsync(run, from.Sequence, from.Id);
            var known = (from.Sequence == 0 || page.Known) && page.First <= from.Sequence + 1;
            if (known)
            {
                position = @from with { Serving = serving.Table.Version };
            }

            // Something is said also when nothing was missed, so that the answer's headers and the first event leave at once.
            if (position.Serving != from.Serving)
            {
                yield return new LiveEvent(LiveEventKind.Serving, position);
            }
            else
            {
                yield return new LiveEvent(known ? LiveEventKind.Heartbeat : LiveEventKind.Resync, position);
            }
        }

        var toldAt = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (promoted && _serving.Current is var now && now != serving)
            {
                serving = now;
                position = position with { Serving = now.Table.Version };
                yield return new LiveEvent(LiveEventKind.Serving, position);
                toldAt = time.GetTimestamp();
            }

            view = lease.Tail.Read(position.Sequence);
            var entries = view.Entries;
            var lost = view.Epoch != epoch;
            if (!lost && view.Behind)
            {
                var page = await _feeds.Log.ReadAsync(run, position.Sequence, position.Id);
                lost = page.First > position.Sequence + 1 || (position.Sequence > 0 && !page.Known);
                entries = page.Entries;
            }

            if (lost)
            {
                epoch = view.Epoch;
                position = CursorOf(view.Last, serving);
                yield return new LiveEvent(LiveEventKind.Resync, position);
                toldAt = time.GetTimestamp();
                continue;
            }

            foreach (var entry in entries)
            {
                position = CursorOf(entry, serving);
                if (filter(entry.Result) && serving.Table.ServesOwn(entry.Result))
                {
                    yield return new LiveEvent(LiveEventKind.Result, position, entry);
                    toldAt = time.GetTimestamp();
                }
            }

            // The heartbeat also moves the cursor of a reader whose filter lets little through.
            if (heartbeat != Timeout.InfiniteTimeSpan && time.GetElapsedTime(toldAt) >= heartbeat)
            {
                yield return new LiveEvent(LiveEventKind.Heartbeat, position);
                toldAt = time.GetTimestamp();
            }

            if (entries.Count == 0)
            {
                var wait = lease.Tail.Wait(position.Sequence, epoch, filter);
                try
                {
                    var atMost = heartbeat == Timeout.InfiniteTimeSpan ? heartbeat : heartbeat - time.GetElapsedTime(toldAt);
                    await WaitAsync(wait.Over, serving.Signal.Task, atMost, time, cancellationToken);
                }
                finally
                {
                    if (lease.Tail.Leave(wait) is { } passed)
                    {
                        position = CursorOf(passed, serving);
                    }
                }
            }
        }
    }

    private static LiveCursor CursorOf(LiveEntry? entry, ServingWatch.View serving) =>
        (entry is null ? LiveCursor.Start : new LiveCursor(entry.Sequence, entry.Result.Id)) with { Serving = serving.Table.Version };

    private static async Task WaitAsync(Task wanted, Task served, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        if (atMost != Timeout.InfiniteTimeSpan && atMost <= TimeSpan.Zero)
        {
            return;
        }

        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(wanted, served, Task.Delay(atMost, time, giveUp.Token));
        await giveUp.CancelAsync();
    }
}
