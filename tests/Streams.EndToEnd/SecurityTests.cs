using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Streams.Dashboard.Security;
using Streams.EndToEnd.Support;
using Streams.Schemas;

namespace Streams.EndToEnd;

/// <summary>A whole host that asks who you are: its endpoints, and the command line that talks to it.</summary>
public sealed class SecurityTests
{
    private static readonly string Viewer = ApiKey.Create();
    private static readonly string Operator = ApiKey.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_WithKeys_LetsEachDoWhatTheirRoleMay()
    {
        await using var host = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(host.Url) };
        foreach (var address in (string[])["/", "/metrics", "/api/runs/registry", "/api/runs/x", "/api/status"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, HttpMethod.Get, address, null));
            Assert.NotEqual(HttpStatusCode.Unauthorized, await StatusAsync(http, HttpMethod.Get, address, Viewer));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, HttpMethod.Get, "/health/ready", null));
        foreach (var (method, address) in ((HttpMethod, string)[])
            [(HttpMethod.Post, "/api/runs"), (HttpMethod.Post, "/api/runs/x/pause"), (HttpMethod.Post, "/api/runs/x/resume"),
            (HttpMethod.Post, "/api/runs/x/verify"), (HttpMethod.Post, "/api/runs/x/promote"), (HttpMethod.Post, "/api/runs/rollback"),
            (HttpMethod.Delete, "/api/runs/x"), (HttpMethod.Get, "/api/audit"), (HttpMethod.Post, "/api/tasks/x/stop"),
            (HttpMethod.Post, "/api/dead-letters/redrive?topic=label.samples"), (HttpMethod.Post, "/api/dead-letters/purge?topic=label.samples")])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, method, address, null));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, method, address, Viewer));
        }

        string[] replay = ["replay", "--topic", Topics.LabelSamples, "--run", "check", "--dashboard-url", host.Url];
        var without = await HostProcess.RunAsync(replay);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("set STREAMS_API_KEY, or give --api-key", without.Error, StringComparison.Ordinal);
        var viewer = await HostProcess.RunAsync([.. replay, "--api-key", Viewer]);
        Assert.Equal(1, viewer.ExitCode);
        Assert.Contains("use an operator's key", viewer.Error, StringComparison.Ordinal);
        var done = await HostProcess.RunAsync(new Dictionary<string, string> { ["STREAMS_API_KEY"] = Operator }, replay);
        Assert.True(done.ExitCode == 0, done.Error + host.Output);
        var list = await HostProcess.RunAsync("runs", "list", "--json", "--dashboard-url", host.Url, "--api-key", Viewer);
        Assert.Contains("\"check\"", list.Output, StringComparison.Ordinal);

        using var request = Request(HttpMethod.Get, "/api/audit", Operator);
        using var audit = JsonDocument.Parse(await (await http.SendAsync(request, Cancellation)).Content.ReadAsStringAsync(Cancellation));
        var newest = audit.RootElement.GetProperty("actions")[0];
        Assert.Equal(("ops", "POST /api/runs", 202),
            (newest.GetProperty("who").GetString(), newest.GetProperty("action").GetString(), newest.GetProperty("status").GetInt32()));
        Assert.Contains("\"run\":\"check\"", newest.GetProperty("body").GetString(), StringComparison.Ordinal);

        await NonsenseAsync(http);
        Assert.Contains("asks for POST /api/runs", host.Output, StringComparison.Ordinal);
        Assert.All([Viewer, Operator], key => Assert.DoesNotContain(key, host.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_WhereOthersCanConnectAndNobodyIsAsked_IsRefusedWithTheWaysOut()
    {
        var refused = await HostProcess.RunAsync("up", "--dashboard-url", "http://0.0.0.0:5080");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Streams:Dashboard:Url is 'http://0.0.0.0:5080'", refused.Error, StringComparison.Ordinal);
        Assert.Contains("AllowUnauthenticated", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeysCreate_PrintsAKeyAndTheSettingsThatLetItIn()
    {
        var (exitCode, output, _) = await HostProcess.RunAsync("keys", "create", "ada", "--role", "operator", "--json");
        Assert.Equal(0, exitCode);
        using var key = JsonDocument.Parse(output);
        Assert.Equal(ApiKey.Hash(key.RootElement.GetProperty("key").GetString()!), key.RootElement.GetProperty("hash").GetString());
        var text = (await HostProcess.RunAsync("keys", "create", "ada", "--role", "operator")).Output;
        Assert.Contains("Streams__Security__ApiKeys__ada__Hash=sha256:", text, StringComparison.Ordinal);
        Assert.Contains("Streams__Security__ApiKeys__ada__Role=Operator", text, StringComparison.Ordinal);
        Assert.Equal(1, (await HostProcess.RunAsync("keys", "create", "a=b")).ExitCode);
    }

    /// <summary>Nonsense for endpoints that read Kafka, of which each request takes its time.</summary>
    private static async Task NonsenseAsync(HttpClient http)
    {
        foreach (var (method, address, status) in ((HttpMethod, string, HttpStatusCode)[])
            [(HttpMethod.Get, "/api/tasks/none", HttpStatusCode.NotFound), (HttpMethod.Get, "/api/tasks/%F0%9F%92%A5", HttpStatusCode.NotFound),
            (HttpMethod.Post, "/api/tasks/none/stop", HttpStatusCode.NotFound), (HttpMethod.Get, "/api/networks/none/readings?sensor=a&sensor=", HttpStatusCode.NotFound),
            (HttpMethod.Get, "/api/dead-letters?limit=0", HttpStatusCode.BadRequest), (HttpMethod.Get, "/api/dead-letters?limit=x", HttpStatusCode.BadRequest),
            (HttpMethod.Get, "/api/dead-letters?status=7", HttpStatusCode.BadRequest), (HttpMethod.Get, "/api/dead-letters?topic=none", HttpStatusCode.BadRequest),
            (HttpMethod.Get, "/api/dead-letters?run=a%2Fb", HttpStatusCode.BadRequest), (HttpMethod.Get, "/api/dead-letters/none/0/0", HttpStatusCode.BadRequest),
            (HttpMethod.Get, "/api/dead-letters/label.samples/0/9", HttpStatusCode.NotFound), (HttpMethod.Get, "/api/dead-letters/label.samples/0/99999999999999999999", HttpStatusCode.NotFound),
            (HttpMethod.Post, "/api/dead-letters/redrive", HttpStatusCode.BadRequest), (HttpMethod.Post, "/api/dead-letters/redrive?topic=label.samples&run=none", HttpStatusCode.BadRequest),
            (HttpMethod.Get, "/api/dead-letters?status=all", HttpStatusCode.OK), (HttpMethod.Post, "/api/dead-letters/purge?topic=label.samples", HttpStatusCode.OK)])
        {
            Assert.Equal((address, status), (address, await StatusAsync(http, method, address, Operator)));
        }
    }

    private static Task<HostProcess> StartAsync() => new HostProcess(
        "--set", "Streams:Security:RequestsPerSecond=1000000",
        "--set", $"Streams:Security:ApiKeys:screen:Hash={ApiKey.Hash(Viewer)}",
        "--set", $"Streams:Security:ApiKeys:ops:Hash={ApiKey.Hash(Operator)}",
        "--set", "Streams:Security:ApiKeys:ops:Role=operator").StartAsync();

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, HttpMethod method, string address, string? key)
    {
        using var request = Request(method, address, key);
        using var response = await http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private static HttpRequestMessage Request(HttpMethod method, string address, string? key)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return request;
    }
}
