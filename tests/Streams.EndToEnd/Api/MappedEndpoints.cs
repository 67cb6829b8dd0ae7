using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Dashboard;
using Streams.Dashboard.Status;
using Streams.Host.DeadLetters;
using Streams.Host.Pipeline;
using Streams.Host.Readings;
using Streams.Host.Runs;
using Streams.Host.Tasks;
using Streams.Host.Telemetry;
using Streams.Ingest.Publishing;
using Streams.TestKit;

namespace Streams.EndToEnd.Api;

/// <summary>Everything that a host maps, without anything behind it, and the OpenAPI document of it.</summary>
public sealed class MappedEndpoints : IAsyncLifetime
{
    public WebApplication App { get; private set; } = null!;

    internal ApiDescription Document { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddTelemetry(new TelemetryOptions());
        // Nobody is there, and nothing here asks: services are only told from arguments.
        builder.Services.AddSingleton<IConnectionMultiplexer>(
            _ => ConnectionMultiplexer.Connect($"127.0.0.1:{LoopbackPorts.Free(1)[0]},abortConnect=false,connectTimeout=100,connectRetry=0"));
        builder.Services.AddSingleton<IPipelineStatus, HostStatus>()
            .AddSingleton<RunManager>().AddSingleton<RunRegistry>().AddSingleton<RunVerifier>().AddSingleton<RunPromotion>().AddSingleton<RunDeletion>();
        builder.Services.AddSingleton<LetterDesk>().AddSingleton<NetworkReadings>().AddSingleton<TaskTraces>().AddSingleton<RecordPublisher>();
        builder.Services.AddStreamsDashboard();
        builder.Services.AddApiComments();
        builder.Services.AddHealthChecks();
        App = builder.Build();
        App.MapHost();
        await App.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(App.Urls.Single()) };
        Document = await ApiDescription.LoadAsync(http, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
