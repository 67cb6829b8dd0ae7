using System.Net;
using System.Text.Json;
using StackExchange.Redis;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Api;

public sealed class ResultEndpointsTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private readonly string _run = NewRun();
    private DashboardServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DashboardServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        _server = await DashboardServer.StartAsync(fixture.Redis);
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Latest_OneKey_IsTheResultAsProjected()
    {
        var result = Caption(_run, 3, 4, "tor süd/2");
        await Server.Store.ProjectAsync([result]);
        var json = await Server.Http.GetStringAsync(
            $"/api/results/video.captions/latest?run={_run}&key={Uri.EscapeDataString(result.Key)}", Cancellation);
        Assert.Equal(System.Text.Encoding.UTF8.GetString(ResultJson.Serialize(result)), json);
    }

    [Fact]
    public async Task Runs_Keys_Latest_History_TellWhatIsThere()
    {
        await Server.Store.ProjectAsync([.. Captions(_run, 5), .. Captions(_run, 3, "yard")]);
        Assert.Contains(_run, Strings(await GetAsync("/api/runs"), "runs"));
        Assert.Equal(["gate", "yard"], Strings(await GetAsync($"/api/results/video.captions/keys?run={_run}"), "keys"));
        Assert.Equal(2, (await GetAsync($"/api/results/video.captions/latest?run={_run}")).GetProperty("results").GetArrayLength());
        Assert.Equal(8, (await GetAsync($"/api/results/video.captions?run={_run}")).GetProperty("results").GetArrayLength());

        var page = await GetAsync($"/api/results/video.captions?run={_run}&key=gate&limit=2&to=2026-01-31T13:00:03%2B01:00");
        Assert.Equal([3L, 2L], Offsets(page));
        page = await GetAsync($"/api/results/video.captions?run={_run}&key=gate&limit=2&before={page.GetProperty("before").GetString()}");
        Assert.Equal([1L, 0L], Offsets(page));
        Assert.False(page.TryGetProperty("before", out _));
    }

    [Fact]
    public async Task History_OfImputedReadings_IsArrowWhereItIsAskedFor()
    {
        var time = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var readings = new ImputedReadings("roof", "degC", [new ImputedValue(time, "a", 1.5, 0.25)]);
        await Server.Store.ProjectAsync([Caption(_run, 1, 1) with
        {
            Id = $"{_run}/{Topics.SensorSignals}/0/1/0", Topic = Topics.SensorImputed, Key = "roof", Type = EventTypes.SensorImputed,
            Data = JsonElement.Parse(ResultJson.Serialize(readings)),
        }]);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/results/sensor.imputed?run={_run}&key=roof");
        request.Headers.Accept.ParseAdd(ImputedArrow.ContentType);
        using var response = await Server.Http.SendAsync(request, Cancellation);
        Assert.Equal(ImputedArrow.ContentType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(ImputedArrow.Encode([readings]), await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task History_OfGraphs_IsArrowWhereItIsAskedFor()
    {
        var time = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var graph = new LearnedGraph("roof", time, time, 24, ["a", "b"], [new GraphEdge(0, 1, 0.75, 0.5)], 0.25, new FilterResponse([0, 1], [1, 0.5]), 0.1, []);
        await Server.Store.ProjectAsync([Caption(_run, 1, 1) with
        {
            Id = $"{_run}/{Topics.SensorSignals}/0/1/0", Topic = Topics.SensorGraphs, Key = "roof", Type = EventTypes.SensorGraph,
            Data = JsonElement.Parse(ResultJson.Serialize(graph)),
        }]);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/results/sensor.graphs?run={_run}&key=roof");
        request.Headers.Accept.ParseAdd(GraphsArrow.ContentType);
        using var response = await Server.Http.SendAsync(request, Cancellation);
        Assert.Equal(GraphsArrow.ContentType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(GraphsArrow.Encode([graph]), await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Status_GivesPipelineAndCountsOfTheRun()
    {
        await Server.Store.ProjectAsync(Captions(_run, 5));
        var status = await GetAsync($"/api/status?run={_run}");
        Assert.Equal(5, status.GetProperty("counts").GetProperty(Topics.VideoCaptions).GetInt64());
        var pipeline = status.GetProperty("pipeline");
        Assert.Equal("silo-1", pipeline.GetProperty("silo").GetString());
        Assert.Equal(11.5, pipeline.GetProperty("topics")[0].GetProperty("eventToResult").GetProperty("p50Milliseconds").GetDouble());
        Assert.False(pipeline.GetProperty("components")[0].GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task Latest_LiveRunWithoutResults_IsEmpty()
    {
        await Server.Store.DeleteRunAsync(Topics.LiveRun);
        Assert.Equal(0, (await GetAsync("/api/results/label.modes/latest")).GetProperty("results").GetArrayLength());
    }

    [Theory]
    [InlineData("/api/results/video.caption", 404, "video.captions, sensor.graphs, sensor.imputed, label.queries, label.modes")]
    [InlineData("/api/results/video.captions?run=nowhere", 404, "'nowhere'")]
    [InlineData("/api/results/video.captions?run=a/b", 400, "without '/'")]
    [InlineData("/api/results/video.captions?from=yesterday", 400, "from: 'yesterday' is no ISO 8601 time")]
    [InlineData("/api/results/video.captions?to=2026-13-01", 400, "to: '2026-13-01'")]
    [InlineData("/api/results/video.captions?from=2026-02-01&to=2026-01-01", 400, "is later than to")]
    [InlineData("/api/results/video.captions?limit=0", 400, "give 1 to 1000")]
    [InlineData("/api/results/video.captions?limit=1001", 400, "limit: '1001' is out of range")]
    [InlineData("/api/results/video.captions?limit=ten", 400, "give 1 to 1000")]
    [InlineData("/api/results/video.captions?limit=1&limit=2", 400, "more than once")]
    [InlineData("/api/results/video.captions?key=gate&before=7", 400, "is no place in a history")]
    [InlineData("/api/results/video.captions?before=live/video.frames/0/1/0", 400, "needs key")]
    [InlineData("/api/results/video.captions?key=", 400, "1 to 512 characters")]
    [InlineData("/api/results/video.captions/latest?key=roof", 404, "key 'roof' has no results on video.captions in run 'live'")]
    [InlineData("/api/results/nothing/keys", 404, "'nothing' is no result topic")]
    [InlineData("/api/live?topic=nothing", 404, "'nothing' is no result topic")]
    [InlineData("/api/live?lastEventId=seven", 400, "leave it out to begin at the present")]
    [InlineData("/api/live?run=", 400, "is no name of a run")]
    [InlineData("/api/nothing/here", 404, "GET /api/runs")]
    public async Task Get_BadRequest_IsProblemDetailsThatSayWhatIsWrong(string address, int status, string says)
    {
        using var response = await Server.Http.GetAsync(address, Cancellation);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_RedisNotThere_Is503WithARemedy()
    {
        await using var nowhere = await ConnectionMultiplexer.ConnectAsync(
            $"127.0.0.1:{FreePort.Next()},abortConnect=false,connectTimeout=100,asyncTimeout=100");
        await using var server = await DashboardServer.StartAsync(nowhere);
        using var response = await server.Http.GetAsync("/api/results/video.captions", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("streams doctor", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/js/graphs.js", "text/javascript")]
    [InlineData("/icon.svg", "image/svg+xml")]
    [InlineData("/", "text/html")]
    [InlineData("/app.js", "text/javascript")]
    [InlineData("/style.css", "text/css")]
    public async Task Get_ThePage_IsServedOnceAndThenConfirmed(string address, string type)
    {
        using var response = await Server.Http.GetAsync(address, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var again = new HttpRequestMessage(HttpMethod.Get, address);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var unchanged = await Server.Http.SendAsync(again, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    private static long[] Offsets(JsonElement page) =>
        [.. page.GetProperty("results").EnumerateArray().Select(r => ResultId.TryParse(r.GetProperty("id").GetString(), out var id) ? id.Offset : -1)];

    private static string[] Strings(JsonElement body, string name) => [.. body.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];

    private async Task<JsonElement> GetAsync(string address) => JsonElement.Parse(await Server.Http.GetStringAsync(address, Cancellation));
}
