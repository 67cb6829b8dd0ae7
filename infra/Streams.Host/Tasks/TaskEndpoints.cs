using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Dashboard.Api.OpenApi;
using Streams.Host.Pipeline;
using Streams.Ingest.Publishing;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Labels;
using Streams.Processors.ModeEstimation.DryRun;
using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.Host.Tasks;

/// <summary><c>GET /api/tasks/TASK</c> tells how a labelling task came to where it is; <c>POST /api/tasks/TASK/stop</c> ends it.</summary>
internal static class TaskEndpoints
{
    private const string Tag = "labelling tasks";

    private static readonly ApiParameter Name = new("task", "Name of the task.") { Example = "task-1" };

    public static void MapTasks(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/tasks/{task}", Get)
            .Produces<TaskTrace>().Fails(StatusCodes.Status400BadRequest).Fails(StatusCodes.Status404NotFound).Fails(StatusCodes.Status502BadGateway)
            .Describe(
                Tag,
                "Counts by label, and the evidence over time against its threshold",
                "Worked out from the task's log on label.samples, by the estimator that live runs. 'isWhole' is false when the log is longer than what is read, and the counts are "
                + "then those of its newest part.",
                Name);
        endpoints.MapPost("/api/tasks/{task}/stop", Stop)
            .Produces<LabelStop>(StatusCodes.Status202Accepted).Fails(StatusCodes.Status400BadRequest).Fails(StatusCodes.Status404NotFound).Fails(StatusCodes.Status409Conflict)
            .Fails(StatusCodes.Status502BadGateway)
            .Describe(
                Tag,
                "Stop asking now",
                "Publishes a stop on label.samples: the task abstains at that place of its log, in every replay as well, unless it has a mode already.",
                Name);
    }

    private static Task<IResult> Get(string task, TaskTraces traces, HttpContext context) => HostAnswers.OfAsync(async () =>
        await traces.OfAsync(task, context.RequestAborted) is { } trace ? HostAnswers.Json(trace) : NoSuchTask(task));

    private static Task<IResult> Stop(string task, TaskTraces traces, RecordPublisher publisher, TimeProvider time, HttpContext context) => HostAnswers.OfAsync(async () =>
    {
        if (await traces.OfAsync(task, context.RequestAborted) is not { } trace)
        {
            return NoSuchTask(task);
        }

        // Of a part of its log it cannot be told for sure; to a task that has ended a stop is nothing.
        if (trace is { IsWhole: true, IsOpen: false })
        {
            return Results.Problem($"task '{task}' has ended already; nothing is asked any more", statusCode: StatusCodes.Status409Conflict, title: "Ended already");
        }

        var stop = new LabelStop(task, context.User.Identity?.Name);
        await publisher.PublishAsync(LabelRecords.Stop(stop, time.GetUtcNow()), context.RequestAborted);
        return HostAnswers.Json(stop, StatusCodes.Status202Accepted);
    });

    private static IResult NoSuchTask(string task) =>
        HostAnswers.NotFound($"task '{task}' has no records on {Topics.LabelSamples} that are still there; open one with 'streams oracle' or 'streams publish task'");
}
