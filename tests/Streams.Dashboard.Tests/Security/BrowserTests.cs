using System.Net;
using Streams.Dashboard.Security;
using Streams.Dashboard.Tests.Api;
using Streams.Dashboard.Tests.Servers;

namespace Streams.Dashboard.Tests.Security;

/// <summary>What browsers need, and what they must not be made to do.</summary>
public sealed class BrowserTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private SecuredServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SecuredServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        _server = await SecuredServer.StartAsync(fixture.Redis);
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Browser_SignsIn_FollowsLive_AndSignsOut()
    {
        using var form = await Server.SendAsync(HttpMethod.Get, "/", null, Cancellation, request => request.Headers.Add("Accept", "text/html,*/*"));
        Assert.Equal(HttpStatusCode.Unauthorized, form.StatusCode);
        Assert.Contains("<form method=\"post\" action=\"/signin\">", await form.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var wrong = await SignInAsync("streams_guess");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("not known", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        using var signedIn = await SignInAsync(SecuredServer.Viewer);
        Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(SecuredServer.Viewer, cookie, StringComparison.Ordinal);

        using var page = await WithCookieAsync(HttpMethod.Get, "/", cookie);
        using var live = await WithCookieAsync(HttpMethod.Get, "/api/live", cookie);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (page.StatusCode, live.StatusCode));
        using var change = await WithCookieAsync(HttpMethod.Delete, "/api/things/a", cookie);
        Assert.Equal(HttpStatusCode.Forbidden, change.StatusCode);

        using var signedOut = await WithCookieAsync(HttpMethod.Post, "/signout", cookie);
        using var after = await WithCookieAsync(HttpMethod.Get, "/api/runs", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        Assert.Contains("session is over", await SecuredServer.DetailAsync(after), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_KeyTakenOutOfTheConfiguration_IsOver()
    {
        using var signedIn = await SignInAsync(SecuredServer.Viewer);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single();
        await using var without = await SecuredServer.StartAsync(fixture.Redis, options => options.ApiKeys.Remove("wall screen"));
        using var response = await without.SendAsync(HttpMethod.Get, "/api/runs", null, Cancellation, request =>
            request.Headers.Add("Cookie", cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "SELF", true)]
    public async Task Change_FromAPageOfAnotherSite_IsRefused(string header, string value, bool taken)
    {
        var own = Server.Server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        await using var open = await DashboardServer.StartAsync(fixture.Redis);
        (HttpClient, string)[] servers = [(Server.Server.Http, own), (open.Http, open.Http.BaseAddress!.GetLeftPart(UriPartial.Authority))];
        foreach (var (http, origin) in servers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/things/a");
            request.Headers.Add("X-Api-Key", SecuredServer.Operator);
            request.Headers.Add(header, value == "SELF" ? origin : value);
            using var response = await http.SendAsync(request, Cancellation);
            Assert.Equal(taken ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost:5080", HttpStatusCode.OK)]
    [InlineData("[::1]:5080", HttpStatusCode.OK)]
    public async Task Request_UnderAnotherName_IsRefusedWhereNobodyIsAsked(string host, HttpStatusCode status)
    {
        await using var open = await DashboardServer.StartAsync(fixture.Redis);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runs");
        request.Headers.Host = host;
        using var response = await open.Http.SendAsync(request, Cancellation);
        Assert.Equal(status, response.StatusCode);

        await using var anywhere = await DashboardServer.StartAsync(fixture.Redis, security: new SecurityOptions { AllowUnauthenticated = true });
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/runs");
        again.Headers.Host = host;
        using var taken = await anywhere.Http.SendAsync(again, Cancellation);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Theory]
    [InlineData("/", "default-src 'self'")]
    [InlineData("/api/runs", "default-src 'none'")]
    [InlineData("/no/such/path", "default-src 'none'")]
    [InlineData("/health/live", "default-src 'none'")]
    public async Task Answer_Any_HasSecurityHeaders(string address, string policy)
    {
        using var response = await Server.SendAsync(HttpMethod.Get, address, SecuredServer.Viewer, Cancellation);
        Assert.StartsWith(policy, response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.NotNull(response.Headers.CacheControl);
        Assert.Empty(response.Headers.Server);
    }

    private Task<HttpResponseMessage> SignInAsync(string key) =>
        Server.SendAsync(HttpMethod.Post, "/signin", null, Cancellation, request => request.Content = new FormUrlEncodedContent([new("key", key)]));

    private Task<HttpResponseMessage> WithCookieAsync(HttpMethod method, string address, string cookie) =>
        Server.SendAsync(method, address, null, Cancellation, request => request.Headers.Add("Cookie", cookie.Split(';')[0]));
}
