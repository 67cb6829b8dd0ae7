using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Dashboard.Api.OpenApi;
using Streams.Schemas.Results;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Streams.Dashboard.Api;

/// <summary>The routes of results and status, each with what the OpenAPI document says of it.</summary>
internal static class ResultRoutes
{
    private const string Tag = "results";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/runs", ResultEndpoints.Runs).Produces<RunsAnswer>()
            .Describe(Tag, "Runs that have results", "Sorted, `live` first. What replays there are, finished or not: `/api/runs/registry`.");
        api.MapGet("/serving", ResultEndpoints.Serving).Produces<ServingAnswer>()
            .Describe(Tag, "What is promoted", "The promotions in force: which run provides what `live` serves, for which keys, inside which bounds.");
        api.MapGet("/status", ResultEndpoints.Status).Produces<StatusAnswer>().Fails(Status404NotFound).Fails(Status400BadRequest)
            .Describe("operations", "How the pipeline is doing", "Counts of results, and records, lag and latency of the host that answers.", ApiParameters.Run);
        api.MapGet("/results/{topic}", ResultEndpoints.History).Produces<Results.HistoryPage>().Fails(Status404NotFound).Fails(Status400BadRequest)
            .AlsoAs(ImputedArrow.ContentType, "`sensor.imputed` and `sensor.graphs` as one Arrow IPC stream.")
            .Describe(
                Tag,
                "History of a key, or of all keys, newest first",
                "Pages: the answer's `before`, and its `Link` header with `rel=\"next\"`, lead to the next one; the last page has neither.",
                ApiParameters.Topic, ApiParameters.Run, ApiParameters.Key, ApiParameters.From, ApiParameters.To, ApiParameters.Limit, ApiParameters.Before);
        api.MapGet("/results/{topic}/keys", ResultEndpoints.Keys).Produces<KeysAnswer>().Fails(Status404NotFound).Fails(Status400BadRequest)
            .Describe(Tag, "Keys that have results", "Cameras, sensor networks or labelling tasks, sorted.", ApiParameters.Topic, ApiParameters.Run);
        api.MapGet("/results/{topic}/latest", ResultEndpoints.Latest).Produces<LatestAnswer>().Fails(Status404NotFound).Fails(Status400BadRequest)
            .Describe(
                Tag,
                "The result of latest event time",
                "Of each key, sorted by key; with `key`, the one result by itself, without the list around it.",
                ApiParameters.Topic, ApiParameters.Run, ApiParameters.Key);
        api.MapGet("/live", (HttpContext context, LiveEndpoint live) => live.Get(context)).Produces<string>(Status200OK, "text/event-stream")
            .Fails(Status404NotFound).Fails(Status400BadRequest)
            .Describe(
                Tag,
                "Results as they come, as server-sent events",
                "An event without a name has a result as its data. `hello` is the first of a new stream, `heartbeat` comes after silence, `resync` says that "
                + "results were missed because the id is no longer known (load anew), `serving` that other runs are served as live than before.",
                ApiParameters.Run, ApiParameters.Topic, ApiParameters.Key, ApiParameters.LastEventId, ApiParameters.LastEventIdQuery);
        api.MapFallback(IResult (HttpContext context) => throw BadQueryException.NotFound(
            $"{context.Request.Method} {context.Request.Path} is nothing here; what there is: /openapi/v1.json, among it GET /api/runs, /api/status and "
            + "/api/results/TOPIC")).ExcludeFromDescription();
    }
}
