using System.Net;
using System.Text.Json;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas.Results;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Api;

public sealed class LiveEndpointTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>
{
    private readonly string _run = NewRun();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_ClientDropsAgainAndAgain_ResumesWithoutGapOrDuplicate()
    {
        await using var server = await StartAsync();
        var batch = Captions(_run, 600);

        // The first connection is greeted before anything comes.
        string? last = null;
        await foreach (var hello in server.EventsAsync($"run={_run}", null, Cancellation))
        {
            Assert.Equal("hello", hello.EventType);
            last = hello.EventId;
            break;
        }

        var projecting = Task.Run(
            async () =>
            {
                foreach (var chunk in batch.Chunk(11))
                {
                    await server.Store.ProjectAsync(chunk);
                }
            },
            Cancellation);

        var got = new List<string>();
        var connections = 0;
        while (got.Count < batch.Length)
        {
            connections++;
            var before = got.Count;
            await foreach (var item in server.EventsAsync($"run={_run}", last, Cancellation))
            {
                Assert.NotEqual("resync", item.EventType);
                last = item.EventId;
                if (item.EventType == "message")
                {
                    got.Add(JsonSerializer.Deserialize<ResultRecord>(item.Data, ResultJson.Options)!.Id);
                }

                // Drop the connection in the middle of whatever it was sending.
                if (got.Count - before >= 17 || got.Count == batch.Length)
                {
                    break;
                }
            }
        }

        await projecting;
        Assert.Equal(batch.Select(r => r.Id), got);
        Assert.True(connections >= 30, $"only {connections} connections");
    }

    [Fact]
    public async Task Get_Filtered_GivesOnlyWhatIsAskedForAndMovesTheCursorWithHeartbeats()
    {
        await using var server = await StartAsync(options => options.Heartbeat = TimeSpan.FromSeconds(1));
        await using var events = server.EventsAsync($"run={_run}&topic=video.captions&key=gate", null, Cancellation).GetAsyncEnumerator(Cancellation);
        await events.MoveNextAsync();
        Assert.Equal("0@", events.Current.EventId);

        await server.Store.ProjectAsync([Caption(_run, 1, 1, "yard"), Caption(_run, 2, 2), Caption(_run, 3, 3, "yard")]);
        await events.MoveNextAsync();
        Assert.Equal($"2@{Caption(_run, 2, 2).Id}", events.Current.EventId);
        await events.MoveNextAsync();
        Assert.Equal("heartbeat", events.Current.EventType);
        Assert.Equal($"3@{Caption(_run, 3, 3).Id}", events.Current.EventId);
    }

    [Fact]
    public async Task Get_CursorNoLongerInTheLog_SaysResync()
    {
        await using var server = await StartAsync();
        await server.Store.ProjectAsync(Captions(_run, 5));
        await foreach (var item in server.EventsAsync($"run={_run}", "3@live/video.frames/0/999/0", Cancellation))
        {
            Assert.Equal("resync", item.EventType);
            Assert.Equal($"5@{Caption(_run, 4, 4).Id}", item.EventId);
            break;
        }
    }

    [Fact]
    public async Task Get_TooManyConnections_Is503UntilOneCloses()
    {
        await using var server = await StartAsync(options => options.MaxLiveConnections = 1);
        var first = server.EventsAsync($"run={_run}", null, Cancellation).GetAsyncEnumerator(Cancellation);
        await first.MoveNextAsync();
        using (var refused = await server.Http.GetAsync($"/api/live?run={_run}", Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains("MaxLiveConnections", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        await first.DisposeAsync();

        // The server learns of a closed connection a moment after the client closed it.
        HttpStatusCode status;
        do
        {
            using var response = await server.Http.GetAsync($"/api/live?run={_run}", HttpCompletionOption.ResponseHeadersRead, Cancellation);
            status = response.StatusCode;
        }
        while (status == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    private Task<DashboardServer> StartAsync(Action<DashboardOptions>? configure = null)
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        return DashboardServer.StartAsync(fixture.Redis, configure);
    }
}
