using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Streams.Host.Cli;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary>Asks a running pipeline over REST.</summary>
/// <param name="at">Where it is.</param>
/// <param name="remedy">What to do when the pipeline refuses a request.</param>
internal sealed class RestClient(DashboardAt at, string remedy) : IDisposable
{
    private readonly HttpClient _http = Client(at);

    public void Dispose() => _http.Dispose();

    /// <exception cref="StreamsException">Nobody answers there, or the pipeline refuses the request: in its words.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, CancellationToken cancellation, HttpContent? content = null)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(new HttpRequestMessage(method, path) { Content = content }, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new StreamsException($"No pipeline answers at {at.Url} ({e.Message})", "start it with `streams up`, or name it with --dashboard-url");
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new StreamsException(await ProblemAsync(response, cancellation), response.StatusCode switch
            {
                HttpStatusCode.Unauthorized => $"set {DashboardAccess.KeyVariable}, or give --api-key",
                HttpStatusCode.Forbidden => "use an operator's key",
                _ => remedy,
            });
        }

        return (await response.Content.ReadFromJsonAsync<T>(ResultJson.Options, cancellation))!;
    }

    private static HttpClient Client(DashboardAt at)
    {
        var http = new HttpClient { BaseAddress = new Uri(at.Url), Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = at.Key is null ? null : new AuthenticationHeaderValue("Bearer", at.Key);
        return http;
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            return problem.GetProperty("detail").GetString()!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"the pipeline answers with HTTP {(int)response.StatusCode}";
        }
    }
}
