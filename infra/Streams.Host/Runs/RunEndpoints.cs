using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Dashboard.Serving;
using Streams.Host.Cli;
using Streams.Schemas.Results;

namespace Streams.Host.Runs;

/// <summary>
/// <c>POST /api/runs</c> starts a replay; <c>GET /api/runs/registry</c> lists all, <c>GET /api/runs/NAME</c> shows one; <c>POST …/pause</c>,
/// <c>…/resume</c>, <c>…/verify</c>, <c>…/promote</c>, <c>POST /api/runs/rollback</c> and <c>DELETE /api/runs/NAME</c> work on one.
/// </summary>
internal static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/runs", (HttpContext context, RunManager runs) => AnswerAsync(async () =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return await runs.StartAsync(ResultJson.Deserialize<RunRequest>(body.ToArray()), context.RequestAborted);
        }, StatusCodes.Status202Accepted));
        endpoints.MapGet("/api/runs/registry", (RunRegistry registry) => AnswerAsync(registry.ListAsync));
        endpoints.MapGet("/api/runs/{run}", async (string run, RunRegistry registry) => await registry.FindAsync(run) is { } status
            ? Results.Json(status, ResultJson.Options)
            : Results.Problem($"There is no run '{run}'; start it with POST /api/runs", statusCode: StatusCodes.Status404NotFound));
        endpoints.MapPost("/api/runs/{run}/pause", (string run, RunManager runs) => AnswerAsync(() => runs.PauseAsync(run)));
        endpoints.MapPost("/api/runs/{run}/resume", (string run, RunManager runs) => AnswerAsync(() => runs.ResumeAsync(run)));
        endpoints.MapPost("/api/runs/{run}/verify", (string run, int? differences, RunVerifier verifier, HttpContext context) =>
            AnswerAsync(() => verifier.VerifyAsync(run, Math.Clamp(differences ?? 10, 0, 1_000), context.RequestAborted)));
        endpoints.MapPost("/api/runs/{run}/promote", (string run, RunPromotion promotion, HttpContext context) =>
            AnswerAsync(() => promotion.PromoteAsync(run, context.Request.Query["key"], context.RequestAborted)));
        endpoints.MapPost("/api/runs/rollback", (RunPromotion promotion) => AnswerAsync(promotion.RollbackAsync));
        endpoints.MapDelete("/api/runs/{run}", (string run, RunDeletion deletion, HttpContext context) =>
            AnswerAsync(() => deletion.DeleteAsync(run, context.RequestAborted)));
    }

    private static async Task<IResult> AnswerAsync<T>(Func<Task<T>> act, int status = StatusCodes.Status200OK)
    {
        try
        {
            return Results.Json(await act(), ResultJson.Options, statusCode: status);
        }
        catch (Exception e) when (e is StreamsException or ServingException or Schemas.RecordFormatException)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
