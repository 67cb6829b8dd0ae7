using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Streams.Dashboard.Api.OpenApi;
using Streams.Host.Cli;
using Streams.Host.Pipeline;
using Streams.Ingest.DeadLetters;
using Streams.Schemas;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Streams.Host.DeadLetters;

/// <summary>
/// <c>GET /api/dead-letters</c> lists letters, <c>GET /api/dead-letters/TOPIC/PARTITION/OFFSET</c> shows one whole, and <c>POST /api/dead-letters/redrive</c>
/// and <c>…/purge</c> settle those that are pending.
/// </summary>
internal static class LetterEndpoints
{
    private const string AnyStatus = "all";
    private const int MostLetters = 1_000;
    private const string Tag = "dead letters";

    private static readonly ApiParameter Topic = new("topic", "Source topic, such as label.samples.") { Example = Topics.LabelSamples };
    private static readonly ApiParameter Run = new("run", "Run whose letters are meant; live when it is left out.");
    private static readonly ApiParameter Partition = new("partition", "Partition that the record came from.") { IsInteger = true, Least = 0 };
    private static readonly ApiParameter Offset = new("offset", "Offset that the record came from.") { IsInteger = true, Format = "int64", Least = 0 };

    private static readonly ApiParameter[] Choice =
    [
        Topic, Run, new("key", "Key of the record."), new("exception", "Type of the error."), new("reason", "A part of the reason."), Partition, Offset,
    ];

    private static readonly ApiParameter Status = new("status", "Which letters; those that nobody has settled when it is left out.")
    {
        Values = [.. Enum.GetValues<DeadLetterStatus>().Select(LetterText.Status), AnyStatus],
    };

    private static readonly ApiParameter Limit = new("limit", "How many letters at most.") { IsInteger = true, Least = 1, Most = MostLetters, Default = 100 };

    public static void MapLetters(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/dead-letters", List).Produces<LetterPage>().Fails(Status400BadRequest).Fails(Status502BadGateway)
            .Describe(Tag, "Records that could not be used", "The newest first.", [.. Choice, Status, Limit]);
        endpoints.MapGet("/api/dead-letters/{topic}/{partition:int}/{offset:long}", Get)
            .Produces<Dictionary<string, object?>>().Fails(Status400BadRequest).Fails(Status404NotFound).Fails(Status502BadGateway)
            .Describe(Tag, "One dead letter whole", "Origin, reason, headers and value; bytes that are no text in base64.", Topic, Run, Partition, Offset);
        endpoints.MapPost("/api/dead-letters/redrive", Settle(DeadLetterStatus.Redriven))
            .Produces<LettersSettled>().Fails(Status400BadRequest).Fails(Status502BadGateway)
            .Describe(
                Tag,
                "Send pending letters to their topic again",
                "Each once, however often this is called. All that are pending, unless the arguments choose among them.",
                Choice);
        endpoints.MapPost("/api/dead-letters/purge", Settle(DeadLetterStatus.Purged))
            .Produces<LettersSettled>().Fails(Status400BadRequest).Fails(Status502BadGateway)
            .Describe(Tag, "Give pending letters up for good", "Choose as for redrive.", Choice);
    }

    private static Task<IResult> List(HttpContext context, LetterDesk desk, [AsParameters] LetterChoice choice, string? status, int? limit) =>
        HostAnswers.OfAsync(async () =>
        {
            if (limit is < 1 or > MostLetters)
            {
                throw new StreamsException($"limit {limit} is out of range", $"give 1 to {MostLetters}");
            }

            var list = await desk.ListAsync(
                LetterDesk.TopicsOf(choice.Topic, choice.Run), choice.ToFilter() with { Status = StatusOf(status) }, limit ?? 100, context.RequestAborted);
            return HostAnswers.Json(new LetterPage(list.Counts, list.Total, [.. list.Letters.Select(LetterJson.Of)]));
        });

    private static Task<IResult> Get(string topic, int partition, long offset, string? run, LetterDesk desk, HttpContext context) =>
        HostAnswers.OfAsync(async () =>
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

    private static Delegate Settle(DeadLetterStatus goal) =>
        (HttpContext context, LetterDesk desk, [AsParameters] LetterChoice choice) => HostAnswers.OfAsync(async () =>
        {
            var topic = choice.Topic is { } source
                ? LetterDesk.TopicsOf(source, choice.Run)[0]
                : throw new StreamsException("topic is missing", "name the source topic whose letters are meant, such as ?topic=label.samples");
            var outcome = await desk.SettleAsync(topic, goal, choice.ToFilter(), context.RequestAborted);
            var refused = outcome.Refused.Select(letter => new LetterRefused(letter.Letter.Letter.Origin.ToString(), letter.Reason));
            return HostAnswers.Json(new LettersSettled(topic.Name, LetterText.Status(goal), outcome.Done, outcome.Bytes, [.. refused]));
        });

    private static DeadLetterStatus? StatusOf(string? status) =>
        status is null ? DeadLetterStatus.Pending
        : status == AnyStatus ? null
        : Enum.TryParse<DeadLetterStatus>(status, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known
        : throw new StreamsException($"status '{status}' is none", $"take one of {string.Join(", ", Status.Values!)}");
}

/// <summary>Answer to <c>GET /api/dead-letters</c>.</summary>
/// <param name="Counts">How many by status, whatever status was asked for.</param>
/// <param name="Total">How many were asked for.</param>
/// <param name="Letters">The newest of them.</param>
internal sealed record LetterPage(IReadOnlyDictionary<string, int> Counts, int Total, IReadOnlyList<Dictionary<string, object?>> Letters);

/// <summary>Answer to a redrive or a purge.</summary>
/// <param name="Topic">The dead-letter topic.</param>
/// <param name="Status">What the letters are now.</param>
/// <param name="Letters">How many were settled.</param>
/// <param name="Bytes">Bytes of their values.</param>
/// <param name="Refused">Those that could not be.</param>
internal sealed record LettersSettled(string Topic, string Status, int Letters, long Bytes, IReadOnlyList<LetterRefused> Refused);

/// <summary>A letter that could not be settled.</summary>
/// <param name="Origin">Where its record came from.</param>
/// <param name="Reason">Why not.</param>
internal sealed record LetterRefused(string Origin, string Reason);

/// <summary>Which letters a request means.</summary>
/// <param name="Topic">Source topic.</param>
/// <param name="Run">Run; live when it is not given.</param>
/// <param name="Key">The record's key.</param>
/// <param name="Exception">Type of the error.</param>
/// <param name="Reason">Part of the reason.</param>
/// <param name="Partition">Partition that the record came from.</param>
/// <param name="Offset">Offset that the record came from.</param>
internal sealed record LetterChoice(
    [FromQuery(Name = "topic")] string? Topic,
    [FromQuery(Name = "run")] string? Run,
    [FromQuery(Name = "key")] string? Key,
    [FromQuery(Name = "exception")] string? Exception,
    [FromQuery(Name = "reason")] string? Reason,
    [FromQuery(Name = "partition")] int? Partition,
    [FromQuery(Name = "offset")] long? Offset)
{
    public DeadLetterFilter ToFilter() => new() { Key = Key, Exception = Exception, Reason = Reason, Partition = Partition, Offset = Offset };
}
