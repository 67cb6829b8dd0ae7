using System.Net.ServerSentEvents;
using System.Text.Json;
using Streams.Dashboard.Results;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas;
using Streams.Schemas.Results;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Api;

/// <summary>What clients of <c>live</c> see of a promotion.</summary>
public sealed class ServingEndpointTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private static readonly ServedRange[] FirstTwenty = [new(0, 0, 20)];

    private readonly string _run = NewRun();
    private DashboardServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        _server = await DashboardServer.StartAsync(fixture.Redis, options => options.Heartbeat = TimeSpan.FromSeconds(1));
        await _server.Store.DeleteRunAsync(Topics.LiveRun);
        await fixture.Redis.GetDatabase().KeyDeleteAsync(ResultKeys.Serving);
        await _server.Store.ProjectAsync(Captions(_run, 20));
        await _server.Store.ProjectAsync(Captions("live", 20));
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Get_PromotedAndRolledBack_IsSeenByEveryRequestOfLive()
    {
        var before = await EverythingAsync("live");
        await _server.Serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty, ["gate"]);
        Assert.Equal(await EverythingAsync(_run), await EverythingAsync("live"));
        Assert.Equal(before, await EverythingAsync(ServedResults.LiveOwn));

        var serving = await GetAsync("/api/serving");
        Assert.Equal(1, serving.GetProperty("version").GetInt64());
        Assert.Equal(1, serving.GetProperty("rollbacks").GetInt32());
        var entry = serving.GetProperty("entries")[0];
        Assert.Equal(_run, entry.GetProperty("run").GetString());
        Assert.Equal("gate", entry.GetProperty("keys")[0].GetString());
        Assert.Equal(20, entry.GetProperty("bounds")[0].GetProperty("end").GetInt64());

        await _server.Serving.RollbackAsync();
        Assert.Equal(before, await EverythingAsync("live"));
    }

    [Fact]
    public async Task Live_PromotedWhileConnected_TellsClientsOfLiveAndLeavesOutWhatIsReplaced()
    {
        await using var live = await StartAsync("run=live");
        await using var own = await StartAsync("run=live:own");
        await _server.Serving.PromoteAsync(_run, Topics.VideoFrames, [new(0, 0, 25)]);
        var told = await NextAsync(live);
        Assert.Equal("serving", told.EventType);
        Assert.EndsWith("@1", told.EventId, StringComparison.Ordinal);

        // Live is behind the end of the bounds: what it still makes inside of them is not served.
        await _server.Store.ProjectAsync(Captions("live", 10, from: 20));
        Assert.Equal(Enumerable.Range(25, 5).Select(i => Caption("live", i, 0).Id), await ResultsAsync(live, 5));
        Assert.Equal(Enumerable.Range(20, 10).Select(i => Caption("live", i, 0).Id), await ResultsAsync(own, 10));

        await _server.Serving.RollbackAsync();
        Assert.Equal("serving", (await NextAsync(live)).EventType);
    }

    [Fact]
    public async Task Live_PromotedWhileAway_IsToldOnReturn()
    {
        string last;
        await using (var live = await StartAsync("run=live"))
        {
            last = live.Current.EventId!;
        }

        await _server.Serving.PromoteAsync(_run, Topics.VideoFrames, FirstTwenty);
        await using (var back = _server.EventsAsync("run=live", last, Cancellation).GetAsyncEnumerator(Cancellation))
        {
            var told = await NextAsync(back);
            Assert.Equal("serving", told.EventType);
            last = told.EventId!;
        }

        await foreach (var item in _server.EventsAsync("run=live", last, Cancellation))
        {
            Assert.Equal("heartbeat", item.EventType);
            break;
        }
    }

    private async Task<IAsyncEnumerator<SseItem<string>>> StartAsync(string query)
    {
        var events = _server.EventsAsync(query, null, Cancellation).GetAsyncEnumerator(Cancellation);
        await events.MoveNextAsync();
        Assert.Equal("hello", events.Current.EventType);
        return events;
    }

    private static async Task<SseItem<string>> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        do
        {
            Assert.True(await events.MoveNextAsync());
        }
        while (events.Current.EventType == "heartbeat");
        return events.Current;
    }

    private static async Task<List<string>> ResultsAsync(IAsyncEnumerator<SseItem<string>> events, int count)
    {
        var ids = new List<string>();
        while (ids.Count < count)
        {
            ids.Add(JsonSerializer.Deserialize<ResultRecord>((await NextAsync(events)).Data, ResultJson.Options)!.Id);
        }

        return ids;
    }

    private async Task<string> EverythingAsync(string run)
    {
        var parts = new List<string>();
        foreach (var address in new[] { "", "/latest" })
        {
            foreach (var key in new[] { "", "&key=gate" })
            {
                parts.Add(await _server.Http.GetStringAsync($"/api/results/video.captions{address}?run={run}{key}", Cancellation));
            }
        }

        parts.Add((await GetAsync($"/api/results/video.captions/keys?run={run}")).GetProperty("keys").GetRawText());
        parts.Add((await GetAsync($"/api/status?run={run}")).GetProperty("counts").GetRawText());
        return string.Join('\n', parts);
    }

    private async Task<JsonElement> GetAsync(string address) => JsonElement.Parse(await _server.Http.GetStringAsync(address, Cancellation));
}
