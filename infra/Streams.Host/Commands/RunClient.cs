using System.Net.Http.Json;
using System.Text.Json;
using Streams.Dashboard.Serving;
using Streams.Host.Cli;
using Streams.Host.Runs;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary>Asks a running pipeline about runs, over REST.</summary>
internal sealed class RunClient(string url) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = new() { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(10) };

    public Task<RunStatus> StartAsync(RunRequest request, CancellationToken cancellation) =>
        SendAsync<RunStatus>(HttpMethod.Post, "/api/runs", cancellation, JsonContent.Create(request, options: ResultJson.Options));

    public Task<List<RunStatus>> ListAsync(CancellationToken cancellation) => SendAsync<List<RunStatus>>(HttpMethod.Get, "/api/runs/registry", cancellation);

    public Task<RunStatus> ShowAsync(string run, CancellationToken cancellation) => SendAsync<RunStatus>(HttpMethod.Get, Path(run), cancellation);

    public Task<RunStatus> PauseAsync(string run, CancellationToken cancellation) => SendAsync<RunStatus>(HttpMethod.Post, Path(run) + "/pause", cancellation);

    public Task<RunStatus> ResumeAsync(string run, CancellationToken cancellation) => SendAsync<RunStatus>(HttpMethod.Post, Path(run) + "/resume", cancellation);

    public Task<RunStatus> DeleteAsync(string run, CancellationToken cancellation) => SendAsync<RunStatus>(HttpMethod.Delete, Path(run), cancellation);

    public Task<RunVerification> VerifyAsync(string run, int differences, CancellationToken cancellation) =>
        SendAsync<RunVerification>(HttpMethod.Post, $"{Path(run)}/verify?differences={differences}", cancellation);

    public Task<ServingTable> PromoteAsync(string run, IEnumerable<string> keys, CancellationToken cancellation) =>
        SendAsync<ServingTable>(HttpMethod.Post, $"{Path(run)}/promote?{string.Join('&', keys.Select(key => $"key={Uri.EscapeDataString(key)}"))}", cancellation);

    public Task<ServingTable> RollbackAsync(CancellationToken cancellation) => SendAsync<ServingTable>(HttpMethod.Post, "/api/runs/rollback", cancellation);

    /// <summary>Reports until the run stops. A host that is restarted meanwhile is waited for.</summary>
    public async Task<RunStatus> FollowAsync(string run, Action<RunStatus> report, CancellationToken cancellation)
    {
        while (true)
        {
            var status = await ShowAsync(run, cancellation);
            report(status);
            if (status.State != RunState.Running)
            {
                return status;
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Path(string run) => $"/api/runs/{Uri.EscapeDataString(run)}";

    private async Task<T> SendAsync<T>(HttpMethod method, string path, CancellationToken cancellation, HttpContent? content = null)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(new HttpRequestMessage(method, path) { Content = content }, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new StreamsException($"No pipeline answers at {url} ({e.Message})", "start it with `streams up`, or name it with --dashboard-url");
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new StreamsException(await ProblemAsync(response, cancellation), "see `streams runs --help`");
        }

        return (await response.Content.ReadFromJsonAsync<T>(ResultJson.Options, cancellation))!;
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
