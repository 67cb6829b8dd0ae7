using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Host.Cli;
using Streams.Host.Pipeline;
using Streams.Ingest.DeadLetters;

namespace Streams.Host.DeadLetters;

/// <summary>
/// <c>GET /api/dead-letters</c> lists letters, <c>GET /api/dead-letters/TOPIC/PARTITION/OFFSET</c> shows one whole, and <c>POST /api/dead-letters/redrive</c>
/// and <c>…/purge</c> settle those that are pending.
/// </summary>
internal static class LetterEndpoints
{
    private const string AnyStatus = "all";
    private const int MostLetters = 1_000;
    private const string Tag = "Dead letters";

    public static void MapLetters(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/dead-letters", List).WithName("ListDeadLetters").WithTags(Tag)
            .WithSummary("Records that could not be used")
            .WithDescription("The newest first, pending ones unless status says otherwise (pending, redriven, purged, all). topic is a source topic; key, exception, reason (a part of it), partition and offset choose among them.");
        endpoints.MapGet("/api/dead-letters/{topic}/{partition:int}/{offset:long}", Get).WithName("GetDeadLetter").WithTags(Tag)
            .WithSummary("One dead letter whole: origin, reason, headers and value");
        endpoints.MapPost("/api/dead-letters/redrive", (HttpContext context, LetterDesk desk, [AsParameters] LetterChoice choice) => Settle(context, desk, choice, DeadLetterStatus.Redriven))
            .WithName("RedriveDeadLetters").WithTags(Tag)
            .WithSummary("Sends pending letters of a topic to it again, each once however often this is called")
            .WithDescription("All that are pending, unless key, exception, reason, partition or offset choose among them. For operators.");
        endpoints.MapPost("/api/dead-letters/purge", (HttpContext context, LetterDesk desk, [AsParameters] LetterChoice choice) => Settle(context, desk, choice, DeadLetterStatus.Purged))
            .WithName("PurgeDeadLetters").WithTags(Tag)
            .WithSummary("Gives pending letters of a topic up for good")
            .WithDescription("Choose as for redrive. For operators.");
    }

    private static Task<IResult> List(HttpContext context, LetterDesk desk, [AsParameters] LetterChoice choice, string? status, int? limit) => HostAnswers.OfAsync(async () =>
    {
        if (limit is < 1 or > MostLetters)
        {
            throw new StreamsException($"limit {limit} is out of range", $"give 1 to {MostLetters}");
        }

        var list = await desk.ListAsync(
            LetterDesk.TopicsOf(choice.Topic, choice.Run), choice.ToFilter() with { Status = StatusOf(status) }, limit ?? 100, context.RequestAborted);
        return HostAnswers.Json(new { list.Counts, list.Total, Letters = list.Letters.Select(LetterJson.Of) });
    });

    private static Task<IResult> Get(string topic, int partition, long offset, string? run, LetterDesk desk, HttpContext context) => HostAnswers.OfAsync(async () =>
    {
        var from = LetterDesk.TopicsOf(topic, run)[0];
        if (await desk.FindAsync(from, partition, offset, context.RequestAborted) is not { } found)
        {
            return HostAnswers.NotFound($"{from.Name} holds no letter of record {topic}/{partition}/{offset}; see /api/dead-letters?status=all");
        }

        var letter = LetterJson.Whole(found.Entry, found.Record);
        letter["text"] = LetterText.Value(found.Record.Message.Value);
        return HostAnswers.Json(letter);
    });

    private static Task<IResult> Settle(HttpContext context, LetterDesk desk, LetterChoice choice, DeadLetterStatus goal) => HostAnswers.OfAsync(async () =>
    {
        var topic = choice.Topic is { } source
            ? LetterDesk.TopicsOf(source, choice.Run)[0]
            : throw new StreamsException("topic is missing", "name the source topic whose letters are meant, such as ?topic=label.samples");
        var outcome = await desk.SettleAsync(topic, goal, choice.ToFilter(), context.RequestAborted);
        return HostAnswers.Json(new
        {
            Topic = topic.Name,
            Status = LetterText.Status(goal),
            Letters = outcome.Done,
            outcome.Bytes,
            Refused = outcome.Refused.Select(refused => new { Origin = refused.Letter.Letter.Origin.ToString(), refused.Reason }),
        });
    });

    private static DeadLetterStatus? StatusOf(string? status) =>
        status is null ? DeadLetterStatus.Pending
        : status == AnyStatus ? null
        : Enum.TryParse<DeadLetterStatus>(status, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known
        : throw new StreamsException($"status '{status}' is none", $"take one of {string.Join(", ", Enum.GetValues<DeadLetterStatus>().Select(LetterText.Status))}, {AnyStatus}");
}

/// <summary>Which letters a request means.</summary>
/// <param name="Topic">Source topic.</param>
/// <param name="Run">Run; live when it is not given.</param>
/// <param name="Key">The record's key.</param>
/// <param name="Exception">Type of the error.</param>
/// <param name="Reason">Part of the reason.</param>
/// <param name="Partition">Partition that the record came from.</param>
/// <param name="Offset">Offset that the record came from.</param>
internal sealed record LetterChoice(string? Topic, string? Run, string? Key, string? Exception, string? Reason, int? Partition, long? Offset)
{
    public DeadLetterFilter ToFilter() => new() { Key = Key, Exception = Exception, Reason = Reason, Partition = Partition, Offset = Offset };
}
