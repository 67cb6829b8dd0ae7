using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Dashboard.Security;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Status;
using Streams.Schemas;

namespace Streams.Dashboard.Tests.Api;

/// <summary>A host with nothing but the dashboard, on a port of its own.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DashboardServer(WebApplication app)
    {
        _app = app;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public RedisResultStore Store => _app.Services.GetRequiredService<RedisResultStore>();

    public ServingStore Serving => _app.Services.GetRequiredService<ServingStore>();

    public static async Task<DashboardServer> StartAsync(
        IConnectionMultiplexer redis, Action<DashboardOptions>? configure = null, SecurityOptions? security = null, ILoggerProvider? log = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        }

        builder.Services.AddSingleton(redis);
        builder.Services.AddSingleton<IPipelineStatus, FixedStatus>();
        builder.Services.AddStreamsDashboard(configure, security: security ?? new SecurityOptions { RequestsPerSecond = 1_000_000 });
        builder.Services.AddHealthChecks();
        var app = builder.Build();
        app.MapStreamsDashboard();
        app.MapHealthChecks("/health/live").AllowAnonymous();
        // Endpoints of the host's own, as those of the runs.
        app.MapPost("/api/things/{name}", async (string name, HttpRequest request) => TypedResults.Ok(
            $"{name} {await new StreamReader(request.Body).ReadToEndAsync(request.HttpContext.RequestAborted)}"));
        app.MapDelete("/api/things/{name}", (string name) => TypedResults.Ok(name));
        await app.StartAsync();
        return new DashboardServer(app);
    }

    /// <summary>Opens the event stream; its events end when <paramref name="cancellation"/> is cancelled or the caller stops.</summary>
    public async IAsyncEnumerable<SseItem<string>> EventsAsync(
        string query,
        string? lastEventId,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/live?{query}");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellation))
        {
            yield return item;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private sealed class FixedStatus : IPipelineStatus
    {
        public ValueTask<PipelineStatus> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(new PipelineStatus(
            "silo-1",
            SampleResults.Epoch,
            [new TopicStatus(Topics.VideoFrames, 12, 3, 1, 2, 4, new LatencyStatus(11.5, 80))],
            [new ComponentStatus("ffmpeg", false, "not installed; apt-get install ffmpeg")]));
    }
}
