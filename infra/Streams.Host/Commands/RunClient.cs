using System.Net.Http.Json;
using Streams.Dashboard.Serving;
using Streams.Host.Cli;
using Streams.Host.Runs;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary>Asks a running pipeline about runs, over REST.</summary>
internal sealed class RunClient(DashboardAt at) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly RestClient _rest = new(at, "see `streams runs --help`");

    public Task<RunStatus> StartAsync(RunRequest request, CancellationToken cancellation) =>
        _rest.SendAsync<RunStatus>(HttpMethod.Post, "/api/runs", cancellation, JsonContent.Create(request, options: ResultJson.Options));

    public Task<List<RunStatus>> ListAsync(CancellationToken cancellation) => _rest.SendAsync<List<RunStatus>>(HttpMethod.Get, "/api/runs/registry", cancellation);

    public Task<RunStatus> ShowAsync(string run, CancellationToken cancellation) => _rest.SendAsync<RunStatus>(HttpMethod.Get, Path(run), cancellation);

    public Task<RunStatus> PauseAsync(string run, CancellationToken cancellation) => _rest.SendAsync<RunStatus>(HttpMethod.Post, Path(run) + "/pause", cancellation);

    public Task<RunStatus> ResumeAsync(string run, CancellationToken cancellation) => _rest.SendAsync<RunStatus>(HttpMethod.Post, Path(run) + "/resume", cancellation);

    public Task<RunStatus> DeleteAsync(string run, CancellationToken cancellation) => _rest.SendAsync<RunStatus>(HttpMethod.Delete, Path(run), cancellation);

    public Task<RunVerification> VerifyAsync(string run, int differences, CancellationToken cancellation) =>
        _rest.SendAsync<RunVerification>(HttpMethod.Post, $"{Path(run)}/verify?differences={differences}", cancellation);

    public Task<ServingTable> PromoteAsync(string run, IEnumerable<string> keys, CancellationToken cancellation) =>
        _rest.SendAsync<ServingTable>(HttpMethod.Post, $"{Path(run)}/promote?{string.Join('&', keys.Select(key => $"key={Uri.EscapeDataString(key)}"))}", cancellation);

    public Task<ServingTable> RollbackAsync(CancellationToken cancellation) => _rest.SendAsync<ServingTable>(HttpMethod.Post, "/api/runs/rollback", cancellation);

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

    public void Dispose() => _rest.Dispose();

    private static string Path(string run) => $"/api/runs/{Uri.EscapeDataString(run)}";
}
