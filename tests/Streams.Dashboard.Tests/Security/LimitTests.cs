using System.Net;
using Streams.Dashboard.Tests.Servers;

namespace Streams.Dashboard.Tests.Security;

/// <summary>Requests that are too large, too many or nonsense.</summary>
public sealed class LimitTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>
{
    private const int Requests = 10_000;
    private const int Seed = 20_261_126;

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"];

    private static readonly string[] Pieces =
    [
        "api", "runs", "results", "live", "status", "serving", "audit", "me", "keys", "latest", "things", "signin", "signout", "health", "video.captions",
        "sensor.imputed",
        "label.modes", "app.js", "js", "..", ".", "%00", "%2e%2e", "%ff%fe", "%2F", "a%0d%0ab", "*", "💥", "streams:runs", "", "~", "9999999999999999999",
    ];

    private static readonly string[] Names = ["run", "key", "from", "to", "limit", "skip", "before", "topic", "lastEventId", "x", "run[]", "%00"];

    private static readonly string[] Values =
    [
        "live", "live:own", "gate", "2026-01-31T12:00:00Z", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+14:00", "0001-01-01", "1", "0", "-1",
        "1000", "2147483647", "2147483648", "1e9", "NaN",
        "live/video.frames/0/1/0", "live/video.frames/-1/99999999999999999999/0", "1:live/video.frames/0/1/0", "%00", "%ff", "%F0%9F%92%A5", "*", "{}",
        "' or 1=1", "\u0661", "",
    ];

    private static readonly string[] ContentTypes =
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain; charset=utf-99"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Body_LargerThanAllowed_Is413()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        await using var server = await SecuredServer.StartAsync(fixture.Redis, options => options.MaxRequestBytes = 2_048);
        using var large = await server.SendAsync(
            HttpMethod.Post, "/api/things/a", SecuredServer.Operator, Cancellation, request => request.Content = new ByteArrayContent(new byte[2_049]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Contains("2048", await SecuredServer.DetailAsync(large), StringComparison.Ordinal);
        using var fits = await server.SendAsync(
            HttpMethod.Post, "/api/things/a", SecuredServer.Operator, Cancellation, request => request.Content = new ByteArrayContent(new byte[2_048]));
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
    }

    [Fact]
    public async Task Requests_MoreThanAllowed_Are429WithAProblem()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        await using var server = await SecuredServer.StartAsync(fixture.Redis, options => options.RequestsPerSecond = 1);
        HttpResponseMessage response;
        var sent = 0;
        while ((response = await server.SendAsync(HttpMethod.Get, "/health/live", null, Cancellation)).StatusCode == HttpStatusCode.OK && ++sent < 1_000)
        {
            response.Dispose();
        }

        using (response)
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
            Assert.Contains("RequestsPerSecond", await SecuredServer.DetailAsync(response), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Requests_TenThousandOfNonsense_NeverFailTheServer()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        await using var server = await SecuredServer.StartAsync(fixture.Redis, options => options.RequestsPerSecond = 1_000_000);
        var failed = new System.Collections.Concurrent.ConcurrentBag<string>();
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<HttpStatusCode, int>();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        var options = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), options, async (i, cancellation) =>
        {
            using var request = Nonsense(new Random(Seed + i));
            using var response = await server.Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            statuses.AddOrUpdate(response.StatusCode, 1, (_, count) => count + 1);
            if ((int)response.StatusCode >= 500)
            {
                failed.Add($"{request.Method} {request.RequestUri}: {(int)response.StatusCode}");
            }
        });

        Assert.True(failed.IsEmpty, $"seed {Seed}: {string.Join('\n', failed.Take(5))}\n{string.Join('\n', server.Log.Of(6004).Take(2))}");
        // Not all of it ends at the door.
        Assert.All([HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound], status =>
            Assert.True(statuses.GetValueOrDefault(status) > 50, $"{status}: {statuses.GetValueOrDefault(status)}"));
        using var after = await server.SendAsync(HttpMethod.Get, "/api/runs", SecuredServer.Viewer, Cancellation);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    private static HttpRequestMessage Nonsense(Random random)
    {
        var path = random.Next(12) switch
        {
            > 8 => "/signin",
            0 or 1 or 2 => $"/api/results/{Pick(random, Pieces)}",
            3 or 4 or 5 => $"/api/{Pick(random, Pieces)}",
            _ => "/" + string.Join('/', Enumerable.Range(0, random.Next(5)).Select(_ => Pick(random, Pieces))),
        };
        var query = string.Join('&', Enumerable.Range(0, random.Next(4)).Select(_ => $"{Pick(random, Names)}={Pick(random, Values)}"));
        var method = random.Next(2) == 0 ? HttpMethod.Get : new HttpMethod(Pick(random, Methods));
        var request = new HttpRequestMessage(method, new Uri($"/{path.TrimStart('/')}?{query}", UriKind.Relative));
        _ = random.Next(8) switch
        {
            0 => false,
            1 => request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Ascii(random)}"),
            2 => request.Headers.TryAddWithoutValidation("Cookie", $"streams-session={Ascii(random)}"),
            _ => request.Headers.TryAddWithoutValidation("X-Api-Key", random.Next(4) == 0 ? SecuredServer.Viewer : SecuredServer.Operator),
        };
        request.Headers.TryAddWithoutValidation(
            Pick(random, ["Last-Event-ID", "Accept", "If-None-Match", "Origin", "Sec-Fetch-Site", "Range", "X-Forwarded-For"]), Ascii(random));
        if (method != HttpMethod.Get && random.Next(2) == 0)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.TryAddWithoutValidation("Content-Type",
                Pick(random, ContentTypes));
        }

        return request;
    }

    // The client refuses to send others in headers.
    private static string Ascii(Random random) => Pick(random, [.. Values.Where(value => System.Text.Ascii.IsValid(value))]);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
