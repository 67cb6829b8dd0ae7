using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Dashboard.Api.OpenApi;
using Streams.Dashboard.Serving;
using Streams.Host.Pipeline;
using Streams.Schemas.Results;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Streams.Host.Runs;

/// <summary>
/// <c>POST /api/runs</c> starts a replay; <c>GET /api/runs/registry</c> lists all, <c>GET /api/runs/NAME</c> shows one; <c>POST …/pause</c>,
/// <c>…/resume</c>, <c>…/verify</c>, <c>…/promote</c>, <c>POST /api/runs/rollback</c> and <c>DELETE /api/runs/NAME</c> work on one.
/// </summary>
internal static class RunEndpoints
{
    private const string Tag = "runs";
    private const int MostDifferences = 1_000;

    private static readonly ApiParameter Run = new("run", "Name of the run.") { Example = "check" };

    private static readonly ApiParameter Keys = new("key", "A key to promote; may be repeated. Left out: all of the run's.") { Many = true };

    private static readonly ApiParameter Differences = new("differences", "How many differences to show at most.")
    {
        IsInteger = true,
        Least = 0,
        Most = MostDifferences,
        Default = 10,
    };

    public static void MapRuns(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/runs", (HttpContext context, RunManager runs) => HostAnswers.JsonAsync(async () =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return await runs.StartAsync(ResultJson.Deserialize<RunRequest>(body.ToArray()), context.RequestAborted);
        }, Status202Accepted)).Takes<RunRequest>().Produces<RunStatus>(Status202Accepted).Fails(Status400BadRequest).Fails(Status502BadGateway)
            .Describe(Tag, "Start a replay, or go on with one", "Freezes the bounds now. An unfinished run of that name and with the same bounds and settings goes on.");
        endpoints.MapGet("/api/runs/registry", (RunRegistry registry) => HostAnswers.JsonAsync(registry.ListAsync)).Produces<IReadOnlyList<RunStatus>>()
            .Describe(Tag, "All replays", "Finished or not, with their progress.");
        endpoints.MapGet("/api/runs/{run}", async (string run, RunRegistry registry) => await registry.FindAsync(run) is { } status
                ? Results.Json(status, ResultJson.Options)
                : Results.Problem($"There is no run '{run}'; start it with POST /api/runs", statusCode: Status404NotFound, title: "Not found"))
            .Produces<RunStatus>().Fails(Status404NotFound)
            .Describe(Tag, "One replay", "What was asked for, the frozen bounds, and where it stands.", Run);
        endpoints.MapPost("/api/runs/{run}/pause", (string run, RunManager runs) => HostAnswers.JsonAsync(() => runs.PauseAsync(run)))
            .Changes<RunStatus>("Pause a replay", "What is in progress is finished.", Run);
        endpoints.MapPost("/api/runs/{run}/resume", (string run, RunManager runs) => HostAnswers.JsonAsync(() => runs.ResumeAsync(run)))
            .Changes<RunStatus>("Go on with a replay", "From the run's own cursors, after a pause or a failure.", Run);
        endpoints.MapPost("/api/runs/{run}/verify", (string run, int? differences, RunVerifier verifier, HttpContext context) =>
                HostAnswers.JsonAsync(() => verifier.VerifyAsync(run, Math.Clamp(differences ?? 10, 0, MostDifferences), context.RequestAborted)))
            .Changes<RunVerification>("Compare the run with live", "Id by id, inside the run's bounds. Reads both from Kafka to their present ends.", Run, Differences);
        endpoints.MapPost("/api/runs/{run}/promote", (string run, RunPromotion promotion, HttpContext context) =>
                HostAnswers.JsonAsync(() => promotion.PromoteAsync(run, context.Request.Query["key"], context.RequestAborted)))
            .Changes<ServingTable>("Serve the run as live", "Inside its bounds, for the keys that are given, or for all of the run's.", Run, Keys);
        endpoints.MapPost("/api/runs/rollback", (RunPromotion promotion) => HostAnswers.JsonAsync(promotion.RollbackAsync))
            .Changes<ServingTable>("Take the last promotion back", "What was served before it is served again.");
        endpoints.MapDelete("/api/runs/{run}", (string run, RunDeletion deletion, HttpContext context) =>
                HostAnswers.JsonAsync(() => deletion.DeleteAsync(run, context.RequestAborted)))
            .Changes<RunStatus>("Delete a run", "Its topics, results, state and cursors. Neither a running one nor one that is promoted.", Run);
    }

    private static void Changes<T>(this RouteHandlerBuilder endpoint, string summary, string description, params ApiParameter[] parameters) =>
        endpoint.Produces<T>().Fails(Status400BadRequest).Fails(Status502BadGateway).Describe(Tag, summary, description, parameters);
}
