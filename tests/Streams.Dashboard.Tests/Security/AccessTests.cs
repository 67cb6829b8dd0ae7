using System.Net;
using System.Text.Json;
using StackExchange.Redis;
using Streams.Dashboard.Security;
using Streams.Dashboard.Tests.Servers;

namespace Streams.Dashboard.Tests.Security;

/// <summary>Who may do what, and what the others are told.</summary>
public sealed class AccessTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private SecuredServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SecuredServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        await fixture.Redis.GetDatabase().KeyDeleteAsync("streams:audit");
        _server = await SecuredServer.StartAsync(fixture.Redis);
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/app.js")]
    [InlineData("GET", "/api/runs")]
    [InlineData("GET", "/api/live")]
    [InlineData("GET", "/api/me")]
    [InlineData("GET", "/api/results/video.captions")]
    [InlineData("GET", "/no/such/path")]
    [InlineData("HEAD", "/api/runs")]
    [InlineData("OPTIONS", "/api/runs")]
    [InlineData("POST", "/api/things/a")]
    [InlineData("DELETE", "/api/things/a")]
    [InlineData("BREW", "/")]
    public async Task Request_WithoutOrWithABadKey_Is401AndTellsHow(string method, string address)
    {
        string?[] credentials = [null, "", "streams_guess", SecuredServer.Expired, "a.b.c", ApiKey.Hash(SecuredServer.Operator)];
        foreach (var credential in credentials)
        {
            using var response = await Server.SendAsync(new HttpMethod(method), address, credential, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
            if (method != "HEAD")
            {
                Assert.Contains("--api-key", await SecuredServer.DetailAsync(response), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Health_WithoutAKey_Answers() =>
        Assert.Equal("Healthy", await Server.Server.Http.GetStringAsync("/health/live", Cancellation));

    [Fact]
    public async Task Viewer_ReadsEverythingAndChangesNothing()
    {
        foreach (var address in (string[])["/", "/app.js", "/api/runs", "/api/live", "/api/status", "/api/me"])
        {
            using var response = await Server.SendAsync(HttpMethod.Get, address, SecuredServer.Viewer, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        (HttpMethod, string)[] refused =
            [(HttpMethod.Post, "/api/things/a"), (HttpMethod.Delete, "/api/things/a"), (HttpMethod.Put, "/api/nothing"), (HttpMethod.Get, "/api/audit")];
        foreach (var (method, address) in refused)
        {
            using var response = await Server.SendAsync(method, address, SecuredServer.Viewer, Cancellation);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Contains("wall screen is a viewer", await SecuredServer.DetailAsync(response), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Operator_ByEitherHeader_MayAct()
    {
        using var bearer = await Server.SendAsync(HttpMethod.Delete, "/api/things/a", SecuredServer.Operator, Cancellation);
        Assert.Equal(HttpStatusCode.OK, bearer.StatusCode);
        using var header = await Server.SendAsync(HttpMethod.Delete, "/api/things/a", null, Cancellation, request =>
            request.Headers.Add("X-Api-Key", SecuredServer.Operator));
        Assert.Equal(HttpStatusCode.OK, header.StatusCode);
        using var me = await Server.SendAsync(HttpMethod.Get, "/api/me", SecuredServer.Operator, Cancellation);
        Assert.Equal("""{"name":"ops","role":"OPERATOR","via":"key"}""", await me.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Audit_HasWhoAndWhatOfEachAttempt_NewestFirst()
    {
        using var done = await Server.SendAsync(
            HttpMethod.Post, "/api/things/b?key=gate", SecuredServer.Operator, Cancellation, request =>
                request.Content = new StringContent("{\"run\":\"check\"}\n\nforged"));
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        using var refused = await Server.SendAsync(HttpMethod.Delete, "/api/things/b", SecuredServer.Viewer, Cancellation);
        using var unknown = await Server.SendAsync(HttpMethod.Delete, "/api/things/c", null, Cancellation);

        using var response = await Server.SendAsync(HttpMethod.Get, "/api/audit", SecuredServer.Operator, Cancellation);
        var actions = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).GetProperty("actions").EnumerateArray().ToArray();
        Assert.Equal(2, actions.Length);
        Assert.Equal(
            ("wall screen", "VIEWER", "DELETE /api/things/b", 403),
            (Text(actions[0], "who"), Text(actions[0], "role"), Text(actions[0], "action"), actions[0].GetProperty("status").GetInt32()));
        Assert.Equal(
            ("ops", "POST /api/things/b?key=gate", "{\"run\":\"check\"}  forged", 200),
            (Text(actions[1], "who"), Text(actions[1], "action"), Text(actions[1], "body"), actions[1].GetProperty("status").GetInt32()));
        Assert.Equal(2, Server.Log.Of(6010).Count);
        Assert.Equal(2, Server.Log.Of(6011).Count);

        using var page = await Server.SendAsync(HttpMethod.Get, "/api/audit?skip=1&limit=1", SecuredServer.Operator, Cancellation);
        Assert.Equal("ops", Text(JsonElement.Parse(await page.Content.ReadAsStringAsync(Cancellation)).GetProperty("actions")[0], "who"));
    }

    [Fact]
    public async Task Audit_MoreThanIsKept_LosesTheOldest()
    {
        await using var small = await SecuredServer.StartAsync(fixture.Redis, options => options.AuditEntries = 3);
        foreach (var name in "abcde")
        {
            using var done = await small.SendAsync(HttpMethod.Delete, $"/api/things/{name}", SecuredServer.Operator, Cancellation);
        }

        Assert.Equal(3, await fixture.Redis.GetDatabase().ListLengthAsync("streams:audit"));
        Assert.Contains("things/e", (string?)await fixture.Redis.GetDatabase().ListGetByIndexAsync("streams:audit", 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_WhereverTheyAreShown_AreNeverLogged()
    {
        foreach (var key in (string[])[SecuredServer.Operator, SecuredServer.Expired, ApiKey.Create()])
        {
            using var bearer = await Server.SendAsync(HttpMethod.Post, "/api/things/a", key, Cancellation);
            using var header = await Server.SendAsync(HttpMethod.Post, "/api/things/a", null, Cancellation, request => request.Headers.Add("X-Api-Key", key));
            using var form = await Server.SendAsync(
                HttpMethod.Post, "/signin", SecuredServer.Operator, Cancellation, request => request.Content = new FormUrlEncodedContent([new("key", key)]));
            Assert.DoesNotContain(key, Server.Log.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(key, string.Join('\n', await fixture.Redis.GetDatabase().ListRangeAsync("streams:audit")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Request_RedisAway_KeysStillCountAndChangesAreLogged()
    {
        await using var nowhere = await ConnectionMultiplexer.ConnectAsync(
            $"127.0.0.1:{FreePort.Next()},abortConnect=false,connectTimeout=100,asyncTimeout=100");
        await using var server = await SecuredServer.StartAsync(nowhere);
        using var key = await server.SendAsync(HttpMethod.Delete, "/api/things/a", SecuredServer.Operator, Cancellation);
        Assert.Equal(HttpStatusCode.OK, key.StatusCode);
        Assert.Single(server.Log.Of(6012));
        using var session = await server.SendAsync(HttpMethod.Get, "/api/me", null, Cancellation, request =>
            request.Headers.Add("Cookie", "streams-session=x"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, session.StatusCode);
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;
}
