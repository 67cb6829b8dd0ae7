using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas;
using Streams.Schemas.Results;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Serving;

public sealed class ServingOnRedisTests(RedisServerFixture fixture) : ServingTests(fixture), IClassFixture<RedisServerFixture>;

public sealed class ServingOnGarnetTests(GarnetFixture fixture) : ServingTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>What promotions and rollbacks promise, on every server that the store is meant for.</summary>
public abstract class ServingTests(IRedisFixture fixture) : IAsyncLifetime
{
    private static readonly ServedRange[] FirstTwenty = [new(0, 0, 20)];

    private readonly string _run = NewRun();
    private RedisResultStore _store = null!;
    private ServingStore _serving = null!;
    private ServedResults _served = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        _store = new RedisResultStore(fixture.Redis, Options.Create(new ResultStoreOptions()));
        _serving = new ServingStore(fixture.Redis, _store, TimeProvider.System);
        _served = new ServedResults(fixture.Redis, _store, _serving);

        // The promoted run is always "live", so each test begins with none.
        await _store.DeleteRunAsync(Topics.LiveRun);
        await fixture.Redis.GetDatabase().KeyDeleteAsync(ResultKeys.Serving);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task PromoteAsync_AllKeys_ServesTheRunInsideItsBoundsAndLiveOutside()
    {
        await _store.ProjectAsync(Captions("live", 30));
        await _store.ProjectAsync(Captions(_run, 20));
        await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty);
        Assert.Equal((string[])[.. Ids("live", 29, 20), .. Ids(_run, 19, 0)], await HistoryAsync());

        // Live goes on after the end of the backfill.
        await _store.ProjectAsync(Captions("live", 5, from: 30));
        var view = await _served.OpenAsync("live");
        Assert.Equal(Id("live", 34), (await view.GetLatestAsync(Topics.VideoCaptions, "gate"))!.Id);
        Assert.Equal(35, (await view.GetCountsAsync())[Topics.VideoCaptions]);
        Assert.Equal(["gate"], await view.GetKeysAsync(Topics.VideoCaptions));
        Assert.Equal((string[])[.. Ids("live", 34, 0)], await HistoryAsync(run: ServedResults.LiveOwn));
        Assert.Equal((string[])[.. Ids(_run, 19, 0)], await HistoryAsync(run: _run));
    }

    [Fact]
    public async Task GetHistoryAsync_OfAPromotedKey_PagesOverBothRunsOnceAtEqualTimes()
    {
        // Ten results of each time, so that pages end within them; partition 1 is outside of the bounds altogether.
        ResultRecord Result(string run, int i, int partition = 0) => Caption(run, i, i / 10, partition: partition);
        await _store.ProjectAsync([.. Enumerable.Range(0, 60).Select(i => Result("live", i)), .. Enumerable.Range(0, 60).Select(i => Result("live", i, 1))]);
        await _store.ProjectAsync([.. Enumerable.Range(15, 30).Select(i => Result(_run, i))]);
        await _serving.PromoteAsync(_run, Topics.VideoFrames, [new(0, 15, 45)]);

        var expected = RedisResultStore.NewestFirst(
            [.. Enumerable.Range(0, 60).Select(i => Result(i is >= 15 and < 45 ? _run : "live", i)), .. Enumerable.Range(0, 60).Select(i => Result("live", i, 1))]);
        foreach (var limit in new[] { 1, 7, 1000 })
        {
            Assert.Equal(expected.Select(r => r.Id), await HistoryAsync(limit));
        }

        var range = new HistoryQuery(Epoch.AddSeconds(1), Epoch.AddSeconds(3), 3);
        Assert.Equal(
            expected.Where(r => r.Time >= range.From && r.Time <= range.To).Select(r => r.Id),
            await PagesAsync(await _served.OpenAsync("live"), range));
    }

    [Fact]
    public async Task GetHistoryAsync_PromotionOrRollbackBetweenPages_GoesOnBelowTheSamePlace()
    {
        await _store.ProjectAsync(Captions("live", 20));
        await _store.ProjectAsync(Captions(_run, 20));
        await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty);
        var first = await (await _served.OpenAsync("live")).GetHistoryAsync(Topics.VideoCaptions, "gate", new HistoryQuery(Limit: 5));
        Assert.EndsWith($"@{Id(_run, 15)}", first.Before, StringComparison.Ordinal);

        await _serving.PromoteAsync(_run, Topics.VideoFrames, [new(0, 0, 10)]);
        var second = await (await _served.OpenAsync("live")).GetHistoryAsync(Topics.VideoCaptions, "gate", new HistoryQuery(Before: first.Before));
        Assert.Equal([.. Ids("live", 14, 10), .. Ids(_run, 9, 0)], second.Results.Select(r => r.Id));

        await _serving.RollbackAsync();
        await _serving.RollbackAsync();
        var third = await (await _served.OpenAsync("live")).GetHistoryAsync(Topics.VideoCaptions, "gate", new HistoryQuery(Before: first.Before));
        Assert.Equal(Ids("live", 14, 0), third.Results.Select(r => r.Id));
    }

    [Fact]
    public async Task PromoteAsync_ChosenKeys_LeavesTheOthersToLiveAndToEarlierPromotions()
    {
        var other = NewRun();
        foreach (var run in new[] { "live", _run, other })
        {
            await _store.ProjectAsync([.. Captions(run, 20, "gate"), .. Captions(run, 20, "yard"), .. Captions(run, 20, "roof")]);
        }

        await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty, ["yard", "gate"]);
        var later = await _serving.PromoteAsync(other, Topics.VideoFrames, FirstTwenty, ["gate"]);
        Assert.Equal([(other, "gate"), (_run, "yard")], later.Entries.Select(entry => (entry.Run, entry.Keys!.Single())));
        Assert.Equal([other, "live", _run], await RunsOfLatestAsync());

        Assert.Equal([_run, "live", _run], await AfterAsync(_serving.RollbackAsync()));
        Assert.Equal(["live", "live", "live"], await AfterAsync(_serving.RollbackAsync()));
        Assert.Contains("nothing to roll back", (await Assert.ThrowsAsync<ServingException>(_serving.RollbackAsync)).Message, StringComparison.Ordinal);

        // One key of a run for all of them: that key comes from the newer, the rest stays.
        await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty);
        Assert.Equal([_run, other, _run], await AfterAsync(_serving.PromoteAsync(other, Topics.VideoFrames, FirstTwenty, ["roof"])));
        Assert.Equal([other, other, other], await AfterAsync(_serving.PromoteAsync(other, Topics.VideoFrames, FirstTwenty)));
    }

    [Fact]
    public async Task RollbackAsync_RestoresExactlyWhatWasServed()
    {
        await _store.ProjectAsync(Captions(_run, 20));
        var before = await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty, ["gate"]);
        await _serving.PromoteAsync(_run, Topics.VideoFrames, [new(0, 3, 4), new(7, 0, 1)]);
        var after = await _serving.RollbackAsync();
        Assert.Equal(ResultJson.Serialize(before.Entries), ResultJson.Serialize(after.Entries));
        Assert.Equal(3, after.Version);
        Assert.Equal(ResultJson.Serialize(after), ResultJson.Serialize(await _serving.GetAsync()));
    }

    [Fact]
    public async Task RollbackAsync_ToARunThatIsDeleted_IsRefusedAndChangesNothing()
    {
        var other = NewRun();
        await _store.ProjectAsync([.. Captions(_run, 20), .. Captions(other, 20)]);
        await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty);
        var table = await _serving.PromoteAsync(other, Topics.VideoFrames, FirstTwenty);
        await _store.DeleteRunAsync(_run);
        Assert.Contains($"'{_run}'", (await Assert.ThrowsAsync<ServingException>(_serving.RollbackAsync)).Message, StringComparison.Ordinal);
        Assert.Equal(ResultJson.Serialize(table), ResultJson.Serialize(await _serving.GetAsync()));
    }

    [Fact]
    public async Task PromoteAsync_RunHasNothingWhereLiveHad_ServesNothing()
    {
        // With the right setting a key may come out without a result. What live made of the same records is then wrong, too.
        await _store.ProjectAsync([.. Captions("live", 10, "yard"), .. Captions("live", 10, "gate"), .. Captions("live", 5, "roof", from: 18)]);
        await _store.ProjectAsync(Captions(_run, 10, "gate"));
        await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty);
        var view = await _served.OpenAsync("live");
        Assert.Equal(["gate", "roof"], await view.GetKeysAsync(Topics.VideoCaptions));
        Assert.Equal([Id(_run, 9), Id("live", 22)], (await view.GetLatestAsync(Topics.VideoCaptions)).Select(r => r.Id));
        Assert.Null(await view.GetLatestAsync(Topics.VideoCaptions, "yard"));
        Assert.Equal(13, (await view.GetCountsAsync())[Topics.VideoCaptions]);
        Assert.Equal(13, (await view.GetHistoryAsync(Topics.VideoCaptions, new HistoryQuery())).Results.Count);
    }

    [Fact]
    public async Task GetCountsAsync_LiveHasLetResultsGo_CountsEachRecordOnce()
    {
        var small = new RedisResultStore(fixture.Redis, Options.Create(new ResultStoreOptions { HistoryPerKey = 10 }));
        await small.ProjectAsync(Captions("live", 30));
        await small.ProjectAsync(Captions(_run, 20));
        await _serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty);
        Assert.Equal(30, (await (await _served.OpenAsync("live")).GetCountsAsync())[Topics.VideoCaptions]);
        await small.ProjectAsync(Captions("live", 4, from: 30));
        Assert.Equal(34, (await (await _served.OpenAsync("live")).GetCountsAsync())[Topics.VideoCaptions]);
    }

    [Fact]
    public async Task GetHistoryAsync_MoreInsideTheBoundsThanOneScriptLooksAt_FindsWhatLiesBelow()
    {
        var large = new RedisResultStore(fixture.Redis, Options.Create(new ResultStoreOptions { HistoryPerKey = 10_000 }));
        foreach (var chunk in Captions("live", 9_000).Chunk(250))
        {
            await large.ProjectAsync(chunk);
        }

        await large.ProjectAsync([Caption(_run, 8_999, 8_999)]);
        await _serving.PromoteAsync(_run, Topics.VideoFrames, [new(0, 2, 10_000)]);
        Assert.Equal([Id(_run, 8_999), Id("live", 1), Id("live", 0)], await HistoryAsync());
        Assert.Equal(3, (await (await _served.OpenAsync("live")).GetCountsAsync())[Topics.VideoCaptions]);
    }

    [Fact]
    public async Task PromoteAsync_ManyAtOnce_LosesNone()
    {
        var runs = Enumerable.Range(0, 12).Select(_ => NewRun()).ToArray();
        foreach (var run in runs)
        {
            await _store.ProjectAsync(Captions(run, 2, run));
        }

        await using var other = await fixture.ConnectAsync();
        var stores = new[] { _serving, new ServingStore(other, _store, TimeProvider.System) };
        await Task.WhenAll(runs.Select((run, i) => stores[i % 2].PromoteAsync(run, Topics.VideoFrames, FirstTwenty, [run])));
        var table = await _serving.GetAsync();
        Assert.Equal(12, table.Version);
        Assert.Equal(runs.Order(), table.Entries.Select(entry => entry.Run).Order());
        Assert.Equal(12, table.Earlier.Count);
    }

    [Fact]
    public async Task PromoteAsync_WhatCannotBeServed_IsRefusedWithTheReason()
    {
        await _store.ProjectAsync(Captions(_run, 3));
        async Task RefusedAsync(string says, string run, string topic, IReadOnlyList<ServedRange> bounds, string[]? keys = null) => Assert.Contains(
            says,
            (await Assert.ThrowsAsync<ServingException>(() => _serving.PromoteAsync(run, topic, bounds, keys))).Message,
            StringComparison.Ordinal);
        await RefusedAsync("'live' is what a promotion replaces", "live", Topics.VideoFrames, FirstTwenty);
        await RefusedAsync("is not a source", _run, Topics.VideoCaptions, FirstTwenty);
        await RefusedAsync("its bounds are empty", _run, Topics.VideoFrames, [new(0, 5, 5)]);
        await RefusedAsync("has no results from sensor.signals", _run, Topics.SensorSignals, FirstTwenty);
        await RefusedAsync("key 'gat' has no results in run", _run, Topics.VideoFrames, FirstTwenty, ["gat"]);
        await RefusedAsync("there are gate", _run, Topics.VideoFrames, FirstTwenty, ["gat"]);
        Assert.Equal(0, (await _serving.GetAsync()).Version);
    }

    private static string Id(string run, long offset) => Caption(run, offset, 0).Id;

    private static IEnumerable<string> Ids(string run, int newest, int oldest) => Enumerable.Range(oldest, newest - oldest + 1).Reverse().Select(i => Id(run, i));

    private async Task<string[]> HistoryAsync(int limit = 1000, string run = "live") => await PagesAsync(await _served.OpenAsync(run), new HistoryQuery(Limit: limit));

    private static async Task<string[]> PagesAsync(ServedView view, HistoryQuery query)
    {
        var ids = new List<string>();
        HistoryPage page;
        do
        {
            page = await view.GetHistoryAsync(Topics.VideoCaptions, "gate", query);
            ids.AddRange(page.Results.Select(r => r.Id));
            query = query with { Before = page.Before };
        }
        while (page.Before is not null);
        return [.. ids];
    }

    private async Task<string[]> RunsOfLatestAsync() => [.. (await (await _served.OpenAsync("live")).GetLatestAsync(Topics.VideoCaptions)).Select(r => r.Run)];

    private async Task<string[]> AfterAsync(Task change)
    {
        await change;
        return await RunsOfLatestAsync();
    }
}
