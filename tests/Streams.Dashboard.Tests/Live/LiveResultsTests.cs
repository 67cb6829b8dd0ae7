using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Streams.Dashboard.Live;
using Streams.Dashboard.Results;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas.Results;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Live;

public sealed class LiveResultsOnRedisTests(RedisServerFixture fixture) : LiveResultsTests(fixture), IClassFixture<RedisServerFixture>;

public sealed class LiveResultsOnGarnetTests(GarnetFixture fixture) : LiveResultsTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>Following a run, on every server that it is meant for.</summary>
public abstract class LiveResultsTests(IRedisFixture fixture)
{
    private readonly string _run = NewRun();
    private readonly FakeTimeProvider _time = new();
    private readonly IOptions<ResultStoreOptions> _options = Options.Create(new ResultStoreOptions { LiveLogLength = 16 });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FollowAsync_ResultsArrive_GivesEachOnceInOrder()
    {
        var (store, live) = Create();
        await store.ProjectAsync(Captions(_run, 3));
        await using var reader = await StartAsync(live);
        var batch = Captions(_run, 300, from: 3);
        foreach (var chunk in batch.Chunk(7))
        {
            await store.ProjectAsync(chunk);
            await store.ProjectAsync(chunk);
        }

        Assert.Equal(batch.Select(r => r.Id), await TakeAsync(reader, 300));
    }

    [Fact]
    public async Task FollowAsync_TwoReadersOfOneRun_BothGetEverything()
    {
        var (store, live) = Create();
        await using var one = await StartAsync(live);
        await using var two = await StartAsync(live);
        var batch = Captions(_run, 40);
        await store.ProjectAsync(batch);
        Assert.Equal(batch.Select(r => r.Id), await TakeAsync(one, 40));
        Assert.Equal(batch.Select(r => r.Id), await TakeAsync(two, 40));
    }

    [Fact]
    public async Task FollowAsync_ReaderComesAsTheLastOneLeaves_HearsOfEachResult()
    {
        var (store, live) = Create();
        var reader = await StartAsync(live);
        for (var i = 0; i < 100; i++)
        {
            var leaving = reader.DisposeAsync().AsTask();
            reader = await StartAsync(live);
            await leaving;
            // Only a message can bring it: the clock, by which the log is looked at, stands still.
            await store.ProjectAsync([Caption(_run, i, i)]);
            Assert.Equal([Caption(_run, i, i).Id], await TakeAsync(reader, 1).WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        }

        await reader.DisposeAsync();
    }

    [Fact]
    public async Task FollowAsync_PublicReader_GetsResultsFromNowOn()
    {
        var (store, live) = Create();
        await store.ProjectAsync([Caption(_run, 0, 0)]);
        await using var reader = live.FollowAsync(_run, Cancellation).GetAsyncEnumerator(Cancellation);
        var next = reader.MoveNextAsync();

        // Whether the reader has begun is not to be seen, so results come until it says that it has one.
        var offset = 1;
        while (!next.IsCompleted)
        {
            await store.ProjectAsync([Caption(_run, offset, offset)]);
            offset++;
        }

        Assert.True(await next);
        Assert.NotEqual(Caption(_run, 0, 0).Id, reader.Current.Id);
    }

    [Fact]
    public async Task FollowAsync_ReaderSlowerThanTheLog_IsToldToLoadAnew()
    {
        var (store, live) = Create();
        await using var slow = await StartAsync(live);
        await using var fast = await StartAsync(live);
        var batch = Captions(_run, 1_500);
        foreach (var chunk in batch.Chunk(100))
        {
            await store.ProjectAsync(chunk);
            Assert.Equal(chunk.Select(r => r.Id), await TakeAsync(fast, 100));
        }

        await slow.MoveNextAsync();
        Assert.Equal(LiveEventKind.Resync, slow.Current.Kind);
        Assert.Equal(batch[^1].Id, slow.Current.Cursor.Id);

        // And goes on from there.
        var after = Caption(_run, 1_500, 1_500);
        await store.ProjectAsync([after]);
        Assert.Equal([after.Id], await TakeAsync(slow, 1));
    }

    [Fact]
    public async Task FollowAsync_ReaderBehindTheTailButWithinTheLog_MissesNothing()
    {
        var (store, live) = Create(log: 4_096);
        await using var slow = await StartAsync(live);
        await using var fast = await StartAsync(live);
        var batch = Captions(_run, 1_500);
        await store.ProjectAsync(batch);
        Assert.Equal(batch.Select(r => r.Id), await TakeAsync(fast, 1_500));
        Assert.Equal(batch.Select(r => r.Id), await TakeAsync(slow, 1_500));
    }

    [Fact]
    public async Task FollowAsync_MessagesLostOnTheWay_AreReadFromTheLog()
    {
        var (store, live) = Create();
        await using var reader = await StartAsync(live);
        var lost = Caption(_run, 0, 0);
        await AppendSilentlyAsync(lost);
        var next = Caption(_run, 1, 1);
        await store.ProjectAsync([next]);
        Assert.Equal([lost.Id, next.Id], await TakeAsync(reader, 2));

        // Also when no other message comes after them.
        var last = Caption(_run, 2, 2);
        await AppendSilentlyAsync(last);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([last.Id], await TakeAsync(reader, 1));
    }

    [Fact]
    public async Task FollowAsync_LogBegunAnew_IsToldToLoadAnew()
    {
        var (store, live) = Create();
        await store.ProjectAsync(Captions(_run, 5));
        await using var reader = await StartAsync(live);
        await store.DeleteRunAsync(_run);
        await store.ProjectAsync([Caption(_run, 77, 77)]);
        _time.Advance(TimeSpan.FromSeconds(5));
        await reader.MoveNextAsync();
        Assert.Equal(LiveEventKind.Resync, reader.Current.Kind);
        Assert.Equal(new LiveCursor(1, Caption(_run, 77, 77).Id), reader.Current.Cursor);
    }

    [Theory]
    [InlineData(16, false)]
    [InlineData(4, true)]
    public async Task FollowAsync_FromACursor_ResumesOrSaysThatItCannot(int offset, bool lost)
    {
        var (store, live) = Create();
        var batch = Captions(_run, 30);
        await store.ProjectAsync(batch);
        var cursor = new LiveCursor(offset + 1, batch[offset].Id);
        await using var reader = live.FollowAsync(_run, cursor, Timeout.InfiniteTimeSpan, _ => true, promoted: false, Cancellation).GetAsyncEnumerator(Cancellation);
        await reader.MoveNextAsync();
        Assert.Equal(lost ? LiveEventKind.Resync : LiveEventKind.Heartbeat, reader.Current.Kind);
        if (!lost)
        {
            Assert.Equal(batch.Skip(offset + 1).Select(r => r.Id), await TakeAsync(reader, 30 - offset - 1));
        }
    }

    [Fact]
    public async Task FollowAsync_CursorOfAnotherLog_SaysThatItCannotResume()
    {
        var (store, live) = Create();
        await store.ProjectAsync(Captions(_run, 10));
        var cursor = new LiveCursor(8, Caption(_run, 500, 0).Id);
        await using var reader = live.FollowAsync(_run, cursor, Timeout.InfiniteTimeSpan, _ => true, promoted: false, Cancellation).GetAsyncEnumerator(Cancellation);
        await reader.MoveNextAsync();
        Assert.Equal(LiveEventKind.Resync, reader.Current.Kind);
    }

    private (RedisResultStore Store, LiveResults Live) Create(int log = 16)
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        _options.Value.LiveLogLength = log;
        var feeds = new LiveFeeds(fixture.Redis, _options, _time, NullLogger<LiveFeeds>.Instance);
        var store = new RedisResultStore(fixture.Redis, _options);
        var serving = new ServingStore(fixture.Redis, store, _time);
        return (store, new LiveResults(feeds, new ServingWatch(fixture.Redis, serving, _time, NullLogger<ServingWatch>.Instance)));
    }

    /// <summary>A reader that has been greeted: it gets all that comes from now on.</summary>
    private async Task<IAsyncEnumerator<LiveEvent>> StartAsync(LiveResults live)
    {
        var reader = live.FollowAsync(_run, null, Timeout.InfiniteTimeSpan, _ => true, promoted: false, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(LiveEventKind.Hello, reader.Current.Kind);
        return reader;
    }

    private static async Task<string[]> TakeAsync(IAsyncEnumerator<LiveEvent> reader, int count)
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
        {
            Assert.True(await reader.MoveNextAsync());
            Assert.Equal(LiveEventKind.Result, reader.Current.Kind);
            ids[i] = reader.Current.Entry!.Result.Id;
        }

        return ids;
    }

    /// <summary>What is left of a message that was published while the connection was down: the log has it, nobody heard of it.</summary>
    private Task AppendSilentlyAsync(ResultRecord result)
    {
        RedisValue[] arguments = [16, 128, "nobody-listens", result.Id, result.Topic, ResultJson.Serialize(result)];
        return fixture.Redis.GetDatabase().ScriptEvaluateAsync(LiveScripts.Append, ResultKeys.LiveLog(_run).All, arguments);
    }
}
