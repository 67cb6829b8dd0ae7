using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Streams.Dashboard.Api;
using Streams.Dashboard.Live;
using Streams.Dashboard.Page;
using Streams.Dashboard.Results;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Status;

namespace Streams.Dashboard;

/// <summary>Adds the dashboard to a host.</summary>
public static class DashboardExtensions
{
    /// <summary>
    /// Registers <see cref="RedisResultStore"/> and <see cref="LiveResults"/>, which need an <c>IConnectionMultiplexer</c>, and what serves the dashboard,
    /// which needs an <see cref="IPipelineStatus"/>: both come from the host. Options: <see cref="DashboardOptions"/> and <see cref="ResultStoreOptions"/>.
    /// </summary>
    public static IServiceCollection AddStreamsDashboard(
        this IServiceCollection services,
        Action<DashboardOptions>? configure = null,
        Action<ResultStoreOptions>? configureStore = null)
    {
        services.AddOptions<DashboardOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ResultStoreOptions>().Configure(configureStore ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RedisResultStore>();
        services.TryAddSingleton<ProjectionCursors>();
        services.TryAddSingleton<ServingStore>();
        services.TryAddSingleton<ServedResults>();
        services.TryAddSingleton<ServingWatch>();
        services.TryAddSingleton<LiveFeeds>();
        services.TryAddSingleton(provider => new LiveResults(provider.GetRequiredService<LiveFeeds>(), provider.GetRequiredService<ServingWatch>()));
        services.TryAddSingleton<LiveEndpoint>();
        return services;
    }

    /// <summary>Serves the page at <c>/</c> and the interface under <c>/api</c>.</summary>
    /// <exception cref="InvalidOperationException">The host registered no <see cref="IPipelineStatus"/>.</exception>
    public static IEndpointRouteBuilder MapStreamsDashboard(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>() is { } services && !services.IsService(typeof(IPipelineStatus)))
        {
            throw new InvalidOperationException($"The dashboard needs an {nameof(IPipelineStatus)}: register one before building the host.");
        }

        var api = endpoints.MapGroup("/api").AddEndpointFilter<RouteGroupBuilder, ProblemFilter>();
        api.MapGet("/runs", ResultEndpoints.Runs);
        api.MapGet("/serving", ResultEndpoints.Serving);
        api.MapGet("/status", ResultEndpoints.Status);
        api.MapGet("/results/{topic}", ResultEndpoints.History);
        api.MapGet("/results/{topic}/keys", ResultEndpoints.Keys);
        api.MapGet("/results/{topic}/latest", ResultEndpoints.Latest);
        api.MapGet("/live", (HttpContext context, LiveEndpoint live) => live.Get(context));
        api.MapFallback(IResult (HttpContext context) => throw BadQueryException.NotFound(
            $"{context.Request.Method} {context.Request.Path} is nothing here; there are GET /api/runs, /api/serving, /api/status, /api/live, /api/results/TOPIC, /api/results/TOPIC/keys and /api/results/TOPIC/latest"));
        PageAssets.Map(endpoints);
        return endpoints;
    }
}
