using Microsoft.Extensions.Options;
using Streams.Dashboard.Results;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas;
using Streams.Schemas.Results;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Results;

public sealed class RedisResultStoreOnRedisTests(RedisServerFixture fixture) : RedisResultStoreTests(fixture), IClassFixture<RedisServerFixture>;

public sealed class RedisResultStoreOnGarnetTests(GarnetFixture fixture) : RedisResultStoreTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>What the store promises, on every server that it is meant for.</summary>
public abstract class RedisResultStoreTests(IRedisFixture fixture)
{
    private readonly string _run = NewRun();

    [Fact]
    public async Task ProjectAsync_SameBatchTwice_IsAppliedOnce()
    {
        var store = Store();
        var batch = Captions(_run, 20);
        Assert.Equal(20, await store.ProjectAsync(batch));
        Assert.Equal(0, await store.ProjectAsync(batch));
        Assert.Equal(20, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);
        Assert.Equal(20, (await AllAsync(store)).Length);
        Assert.Equal(20, await LogLengthAsync());
    }

    [Fact]
    public async Task ProjectAsync_SameIdTwiceInOneBatch_IsAppliedOnce()
    {
        var store = Store();
        Assert.Equal(1, await store.ProjectAsync([Caption(_run, 1, 1), Caption(_run, 1, 1)]));
        Assert.Equal(1, await LogLengthAsync());
    }

    [Fact]
    public async Task ProjectAsync_RoundTrip_KeepsTheResult()
    {
        var store = Store();
        var result = Caption(_run, 7, 3.000001, key: "tor } {süd}/1:latest", text: "<b>\"ü\" & \u2028 🟥</b>");
        await store.ProjectAsync([result]);
        var back = await store.GetLatestAsync(_run, Topics.VideoCaptions, result.Key);
        Assert.Equal(ResultJson.Serialize(result), ResultJson.Serialize(back!));
    }

    [Fact]
    public async Task GetLatestAsync_OlderEventTimeArrivesLater_KeepsTheLaterEventTime()
    {
        var store = Store();
        await store.ProjectAsync([Caption(_run, 5, 50)]);
        await store.ProjectAsync([Caption(_run, 6, 40)]);
        Assert.Equal(Epoch.AddSeconds(50), (await store.GetLatestAsync(_run, Topics.VideoCaptions, "gate"))!.Time);
        Assert.Equal([50.0, 40.0], (await AllAsync(store)).Select(r => (r.Time - Epoch).TotalSeconds));
    }

    [Theory]
    [InlineData(9, 0, 10, 0)]
    [InlineData(99, 5, 100, 0)]
    [InlineData(10, 1, 10, 2)]
    public async Task GetLatestAsync_EqualTime_KeepsTheLaterSourcePosition(long offset, int n, long laterOffset, int laterN)
    {
        var store = Store();
        var earlier = Caption(_run, offset, 1, n: n);
        var later = Caption(_run, laterOffset, 1, n: laterN);
        await store.ProjectAsync([later, earlier]);
        Assert.Equal(later.Id, (await store.GetLatestAsync(_run, Topics.VideoCaptions, "gate"))!.Id);
        Assert.Equal([later.Id, earlier.Id], (await AllAsync(store)).Select(r => r.Id));
    }

    [Fact]
    public async Task GetLatestAsync_SeveralKeys_GivesOneOfEach()
    {
        var store = Store();
        await store.ProjectAsync([.. Captions(_run, 3, "yard"), .. Captions(_run, 5, "gate")]);
        var latest = await store.GetLatestAsync(_run, Topics.VideoCaptions);
        Assert.Equal([("gate", 4.0), ("yard", 2.0)], latest.Select(r => (r.Key, (r.Time - Epoch).TotalSeconds)));
        Assert.Equal(["gate", "yard"], await store.GetKeysAsync(_run, Topics.VideoCaptions));
        Assert.Contains(_run, await store.GetRunsAsync());
        Assert.Null(await store.GetLatestAsync(_run, Topics.VideoCaptions, "roof"));
    }

    [Fact]
    public async Task ProjectAsync_MoreThanHistoryPerKey_KeepsTheNewestAndForgetsNoId()
    {
        var store = Store(history: 10);
        var batch = Captions(_run, 35);
        await store.ProjectAsync(batch);
        Assert.Equal(batch.Reverse().Take(10).Select(r => r.Id), (await AllAsync(store)).Select(r => r.Id));
        Assert.Equal(35, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);

        Assert.Equal(0, await store.ProjectAsync(batch));
        Assert.Equal(35, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);
        Assert.Equal(35, await LogLengthAsync());

        // Also when more is kept from now on.
        Assert.Equal(0, await Store(history: 100).ProjectAsync(batch));
    }

    [Fact]
    public async Task ProjectAsync_NewButOlderThanAllThatIsKept_IsCountedAndPublishedOnce()
    {
        var store = Store(history: 10);
        await store.ProjectAsync(Captions(_run, 20));
        var late = Caption(_run, 20, -100);
        Assert.Equal(1, await store.ProjectAsync([late]));
        Assert.Equal(0, await store.ProjectAsync([late]));
        Assert.Equal(21, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);
        Assert.Equal(21, await LogLengthAsync());
        Assert.DoesNotContain(late.Id, (await AllAsync(store)).Select(r => r.Id));
    }

    [Fact]
    public async Task ProjectAsync_HistoryPerKeyLowered_TrimsToTheNewLength()
    {
        await Store(history: 100).ProjectAsync(Captions(_run, 60));
        var store = Store(history: 5);
        await store.ProjectAsync([Caption(_run, 60, 60)]);
        Assert.Equal([60.0, 59, 58, 57, 56], (await AllAsync(store)).Select(r => (r.Time - Epoch).TotalSeconds));
    }

    [Fact]
    public async Task ProjectAsync_TwoProjectorsRace_ApplyEachResultOnce()
    {
        // A connection each: commands of one connection never overlap.
        var batch = Captions(_run, 300);
        var first = Store();
        await using var other = await fixture.ConnectAsync();
        var stores = new[] { first, new RedisResultStore(other, Options.Create(new ResultStoreOptions())) };
        var added = await Task.WhenAll(stores.SelectMany(store => batch.Chunk(25).Select(chunk => Task.Run(() => store.ProjectAsync(chunk)))));
        Assert.Equal(300, added.Sum());
        Assert.Equal(300, (await stores[0].GetCountsAsync(_run))[Topics.VideoCaptions]);
        Assert.Equal(300, await LogLengthAsync());
        Assert.Equal(batch.Reverse().Select(r => r.Id), (await AllAsync(stores[1])).Select(r => r.Id));
    }

    [Fact]
    public async Task ProjectAsync_ProjectorDiedBeforePublishing_NextOnePublishes()
    {
        // What a projector leaves that applied a result and died: the result, and its pending mark.
        var store = Store();
        var result = Caption(_run, 1, 1);
        await store.ProjectAsync([result]);
        var redis = fixture.Redis.GetDatabase();
        await redis.KeyDeleteAsync(ResultKeys.LiveLog(_run).All);
        var keys = ResultKeys.Of(_run, result.Topic, result.Key);
        await redis.SetAddAsync(keys.Pending, ResultOrder.Member(result.Id));

        Assert.Equal(0, await store.ProjectAsync([result]));
        Assert.Equal(1, await LogLengthAsync());
        Assert.Equal(0, await redis.SetLengthAsync(keys.Pending));
        Assert.Equal(1, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);
    }

    [Fact]
    public async Task CountOnceAsync_WrittenByAVersionWithoutCounts_CountsIt()
    {
        var store = Store();
        await store.ProjectAsync([.. Captions(_run, 3, "yard"), .. Captions(_run, 5, "gate")]);
        var state = ResultKeys.LiveLog(_run).State;
        await fixture.Redis.GetDatabase().HashDeleteAsync(state, ResultKeys.CountField(Topics.VideoCaptions));
        await store.CountOnceAsync();
        Assert.Equal(8, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);

        // What is counted already is left alone.
        await store.ProjectAsync([Caption(_run, 100, 100)]);
        await store.CountOnceAsync();
        Assert.Equal(9, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);
    }

    [Fact]
    public async Task ProjectAsync_LogShortened_LetsGoOfAllThatIsTooMuch()
    {
        var batch = Captions(_run, 3_000);
        await Store().ProjectAsync(batch);
        await Store(log: 10).ProjectAsync([Caption(_run, 4_000, 4_000)]);
        Assert.Equal(10, await LogLengthAsync());
        Assert.Equal(3_001, (await Store().GetCountsAsync(_run))[Topics.VideoCaptions]);
    }

    [Fact]
    public async Task ProjectAsync_TwoRuns_DoNotMix()
    {
        var store = Store();
        var other = NewRun();
        await store.ProjectAsync([.. Captions(_run, 2), .. Captions(other, 3)]);
        Assert.Equal(2, (await store.GetCountsAsync(_run))[Topics.VideoCaptions]);
        Assert.Equal(3, (await store.GetCountsAsync(other))[Topics.VideoCaptions]);

        await store.DeleteRunAsync(other);
        Assert.DoesNotContain(other, await store.GetRunsAsync());
        Assert.Equal(0, (await store.GetCountsAsync(other))[Topics.VideoCaptions]);
        Assert.Equal(2, (await AllAsync(store)).Length);
    }

    [Fact]
    public async Task GetHistoryAsync_Pages_CoverEverythingOnceEvenAtEqualTimes()
    {
        var store = Store();
        var batch = Enumerable.Range(0, 100).Select(i => Caption(_run, i, i / 10)).ToArray();
        await store.ProjectAsync(batch);
        var seen = new List<string>();
        string? before = null;
        do
        {
            var page = await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", new HistoryQuery(Limit: 7, Before: before));
            seen.AddRange(page.Results.Select(r => r.Id));
            before = page.Before;

            // What arrives meanwhile on top does not shift the pages below.
            await store.ProjectAsync([Caption(_run, 1000 + seen.Count, 1000 + seen.Count)]);
        }
        while (before is not null);
        Assert.Equal(batch.Reverse().Select(r => r.Id), seen);
    }

    [Theory]
    [InlineData(null, null, 10, 9)]
    [InlineData(3.0, null, 7, 9)]
    [InlineData(null, 4.0, 5, 4)]
    [InlineData(3.0, 4.0, 2, 4)]
    [InlineData(4.5, 4.6, 0, 0)]
    public async Task GetHistoryAsync_Range_IsInclusiveAndPages(double? from, double? to, int count, double newest)
    {
        var store = Store();
        await store.ProjectAsync(Captions(_run, 10));
        var query = new HistoryQuery(from is { } f ? Epoch.AddSeconds(f) : null, to is { } t ? Epoch.AddSeconds(t) : null);
        var whole = (await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", query)).Results;
        Assert.Equal(count, whole.Count);
        if (count == 0)
        {
            return;
        }

        Assert.Equal(Epoch.AddSeconds(newest), whole[0].Time);
        var paged = new List<string>();
        var page = await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", query with { Limit = 1 });
        paged.AddRange(page.Results.Select(r => r.Id));
        while (page.Before is not null)
        {
            page = await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", query with { Limit = 1, Before = page.Before });
            paged.AddRange(page.Results.Select(r => r.Id));
        }

        Assert.Equal(whole.Select(r => r.Id), paged);
    }

    [Fact]
    public async Task GetHistoryAsync_AllKeys_MergesNewestFirst()
    {
        var store = Store();
        await store.ProjectAsync([Caption(_run, 1, 1), Caption(_run, 2, 3), Caption(_run, 1, 2, "yard", partition: 1), Caption(_run, 2, 4, "yard", partition: 1)]);
        var newest = await store.GetHistoryAsync(_run, Topics.VideoCaptions, new HistoryQuery(Limit: 3));
        Assert.Equal([("yard", 4.0), ("gate", 3.0), ("yard", 2.0)], newest.Results.Select(r => (r.Key, (r.Time - Epoch).TotalSeconds)));
    }

    private RedisResultStore Store(int history = 10_000, int log = 4_096)
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        return new RedisResultStore(fixture.Redis, Options.Create(new ResultStoreOptions { HistoryPerKey = history, LiveLogLength = log }));
    }

    private async Task<ResultRecord[]> AllAsync(RedisResultStore store) =>
        [.. (await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", new HistoryQuery(Limit: HistoryQuery.MaxLimit))).Results];

    private Task<long> LogLengthAsync() => fixture.Redis.GetDatabase().HashLengthAsync(ResultKeys.LiveLog(_run).Log);
}
