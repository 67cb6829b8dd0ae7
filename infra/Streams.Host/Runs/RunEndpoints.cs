using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Host.Cli;
using Streams.Schemas.Results;

namespace Streams.Host.Runs;

/// <summary><c>POST /api/runs</c> starts a replay, <c>GET /api/runs/NAME</c> tells how far it is.</summary>
internal static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/runs", async (HttpContext context, RunManager runs) =>
        {
            try
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                var request = ResultJson.Deserialize<RunRequest>(body.ToArray());
                return Results.Json(await runs.StartAsync(request, context.RequestAborted), ResultJson.Options, statusCode: StatusCodes.Status202Accepted);
            }
            catch (Exception e) when (e is StreamsException or Schemas.RecordFormatException)
            {
                return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        });
        endpoints.MapGet("/api/runs/{run}", (string run, RunManager runs) => runs.Find(run) is { } status
            ? Results.Json(status, ResultJson.Options)
            : Results.Problem($"This host has not run '{run}'; start it with POST /api/runs", statusCode: StatusCodes.Status404NotFound));
    }
}
