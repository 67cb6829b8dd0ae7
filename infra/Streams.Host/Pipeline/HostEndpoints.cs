using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Streams.Dashboard;
using Streams.Host.DeadLetters;
using Streams.Host.Readings;
using Streams.Host.Runs;
using Streams.Host.Tasks;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>Everything that the host serves over HTTP.</summary>
internal static class HostEndpoints
{
    private const string Tag = "operations";

    public static void MapHost(this WebApplication app)
    {
        app.MapStreamsDashboard();
        app.MapRuns();
        app.MapLetters();
        app.MapReadings();
        app.MapTasks();
        app.MapMethods("/health/live", [HttpMethods.Get, HttpMethods.Head], () => Json(new HealthAnswer(HealthStatus.Healthy), HealthStatus.Healthy))
            .AllowAnonymous().Produces<HealthAnswer>()
            .WithTags(Tag).WithSummary("The process runs").WithDescription("For liveness probes: looks at nothing outside of the process. Asks nobody who they are.");
        app.MapMethods("/health/ready", [HttpMethods.Get, HttpMethods.Head], ReadyAsync)
            .AllowAnonymous().Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable)
            .WithTags(Tag).WithSummary("The host does its work").WithDescription(
                "200: partitions are assigned, lag is known and results are projected; also while the broker refuses a topic and the others go on, and then the status is "
                + "DEGRADED. 503: not yet, or not now. What is wrong is told to those who may read the rest, too.");
        app.MapPrometheusScrapingEndpoint("/metrics");
    }

    private static async Task<IResult> ReadyAsync(HttpContext context, HealthCheckService health)
    {
        var report = await health.CheckHealthAsync(context.RequestAborted);
        // Topics and addresses are nobody's business who has not said who they are.
        var checks = context.User.Identity?.IsAuthenticated == true
            ? report.Entries.ToDictionary(entry => entry.Key, entry => new HealthCheckAnswer(entry.Value.Status, entry.Value.Description))
            : null;
        return Json(new HealthAnswer(report.Status, checks), report.Status);
    }

    private static IResult Json(HealthAnswer answer, HealthStatus status) => TypedResults.Json(
        answer, ResultJson.Options, statusCode: status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
}

/// <summary>Answer to <c>GET /health/ready</c> and <c>/health/live</c>.</summary>
/// <param name="Status">The worst of the checks.</param>
/// <param name="Checks">Each of them; null for callers who have not said who they are.</param>
internal sealed record HealthAnswer(HealthStatus Status, IReadOnlyDictionary<string, HealthCheckAnswer>? Checks = null);

/// <summary>One check.</summary>
/// <param name="Status">How it went.</param>
/// <param name="Detail">What is wrong, and the way out; null when nothing is.</param>
internal sealed record HealthCheckAnswer(HealthStatus Status, string? Detail);
