using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Streams.Dashboard.Api;
using Streams.Dashboard.Api.OpenApi;
using Streams.Dashboard.Live;
using Streams.Dashboard.Page;
using Streams.Dashboard.Results;
using Streams.Dashboard.Security;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Status;

namespace Streams.Dashboard;

/// <summary>Adds the dashboard to a host.</summary>
public static class DashboardExtensions
{
    /// <summary>
    /// Registers <see cref="RedisResultStore"/> and <see cref="LiveResults"/>, which need an <c>IConnectionMultiplexer</c>, and what serves the dashboard,
    /// which needs an <see cref="IPipelineStatus"/>: both come from the host. Options: <see cref="DashboardOptions"/>,
    /// <see cref="ResultStoreOptions"/> and <see cref="SecurityOptions"/>.
    /// </summary>
    public static IServiceCollection AddStreamsDashboard(
        this IServiceCollection services,
        Action<DashboardOptions>? configure = null,
        Action<ResultStoreOptions>? configureStore = null,
        SecurityOptions? security = null)
    {
        services.AddSecurity(security ?? new SecurityOptions());
        services.AddApiDocument();
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

    /// <summary>
    /// Guards everything that the application serves, and serves the page at <c>/</c> and the interface under <c>/api</c>. Endpoints that the host maps
    /// itself are for viewers when they only read (GET, HEAD), else for operators; <c>AllowAnonymous</c> opens one to everybody.
    /// </summary>
    /// <exception cref="InvalidOperationException">The host registered no <see cref="IPipelineStatus"/>.</exception>
    public static WebApplication MapStreamsDashboard(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IServiceProviderIsService>() is { } services && !services.IsService(typeof(IPipelineStatus)))
        {
            throw new InvalidOperationException($"The dashboard needs an {nameof(IPipelineStatus)}: register one before building the host.");
        }

        app.UseSecurity();
        app.MapSecurity();
        ResultRoutes.Map(app.MapGroup("/api"));
        app.MapApiDocument();
        PageAssets.Map(app);
        return app;
    }
}
