using System.Net.Http.Headers;
using System.Text.Json;
using StackExchange.Redis;
using Streams.Dashboard.Security;
using Streams.Dashboard.Tests.Api;

namespace Streams.Dashboard.Tests.Security;

/// <summary>A dashboard that asks who you are, with a key of each kind.</summary>
internal sealed class SecuredServer : IAsyncDisposable
{
    private SecuredServer(DashboardServer server, CapturedLog log) => (Server, Log) = (server, log);

    public static string Viewer { get; } = ApiKey.Create();

    public static string Operator { get; } = ApiKey.Create();

    public static string Expired { get; } = ApiKey.Create();

    public DashboardServer Server { get; }

    public CapturedLog Log { get; }

    public static async Task<SecuredServer> StartAsync(IConnectionMultiplexer redis, Action<SecurityOptions>? configure = null)
    {
        var options = new SecurityOptions
        {
            ApiKeys =
            {
                ["wall screen"] = new ApiKeyOptions { Hash = ApiKey.Hash(Viewer) },
                ["ops"] = new ApiKeyOptions { Hash = ApiKey.Hash(Operator), Role = AccessRole.Operator },
                ["old"] = new ApiKeyOptions { Hash = ApiKey.Hash(Expired), Role = AccessRole.Operator, Expires = DateTimeOffset.UnixEpoch },
            },
        };
        configure?.Invoke(options);
        var log = new CapturedLog();
        return new SecuredServer(await DashboardServer.StartAsync(redis, security: options, log: log), log);
    }

    /// <summary>Sends a request with the key, or the token, that the caller has.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, string? credential, CancellationToken cancellation, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, address);
        if (credential is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        }

        change?.Invoke(request);
        return await Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    /// <summary>The detail of problem details.</summary>
    public static async Task<string> DetailAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
