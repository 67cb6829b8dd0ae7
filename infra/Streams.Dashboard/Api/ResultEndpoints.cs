using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Streams.Dashboard.Results;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Status;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Api;

/// <summary>Results and status over REST.</summary>
internal static class ResultEndpoints
{
    public static async Task<IResult> Runs(RedisResultStore store) =>
        Json(new RunsAnswer(await store.GetRunsAsync()));

    public static async Task<IResult> Serving(ServingStore serving)
    {
        var table = await serving.GetAsync();
        return Json(new ServingAnswer(table.Version, table.Entries, table.Earlier.Count));
    }

    public static async Task<IResult> Keys(string topic, HttpRequest request, RedisResultStore store, ServedResults served)
    {
        QueryArguments.Topic(topic);
        var run = await QueryArguments.ExistingRunAsync(request, store);
        var results = await served.OpenAsync(run);
        return Json(new KeysAnswer(run, topic, await results.GetKeysAsync(topic)));
    }

    public static async Task<IResult> Latest(string topic, HttpRequest request, RedisResultStore store, ServedResults served)
    {
        QueryArguments.Topic(topic);
        var run = await QueryArguments.ExistingRunAsync(request, store);
        var results = await served.OpenAsync(run);
        if (QueryArguments.Key(request) is not { } key)
        {
            return Json(new LatestAnswer(await results.GetLatestAsync(topic)));
        }

        return Json(await results.GetLatestAsync(topic, key) ?? throw await NoSuchKey(run, topic, key, results));
    }

    public static async Task<IResult> History(string topic, HttpRequest request, RedisResultStore store, ServedResults served)
    {
        QueryArguments.Topic(topic);
        var run = await QueryArguments.ExistingRunAsync(request, store);
        var query = QueryArguments.History(request);
        var results = await served.OpenAsync(run);
        if (QueryArguments.Key(request) is { } key)
        {
            var page = await results.GetHistoryAsync(topic, key, query);
            return page.Results.Count > 0 || (await results.GetKeysAsync(topic)).Contains(key)
                ? Page(topic, request, page)
                : throw await NoSuchKey(run, topic, key, results);
        }

        return query.Before is null || HistoryCursor.TryParse(query.Before, out _)
            ? Page(topic, request, await results.GetHistoryAsync(topic, query))
            : throw BadQueryException.Argument("before", query.Before, "needs key: a result's id is a place in one key's history; pass the 'before' of the page that you have");
    }

    /// <summary>Also while Redis is away: then it is the answer that tells so, and only the counts are left out.</summary>
    public static async Task<IResult> Status(
        HttpRequest request, RedisResultStore store, ServedResults served, IPipelineStatus pipeline, CancellationToken cancellationToken)
    {
        var status = await pipeline.GetAsync(cancellationToken);
        if (!status.HasRedis)
        {
            return Json(new StatusAnswer(QueryArguments.Run(request), null, status));
        }

        var run = await QueryArguments.ExistingRunAsync(request, store);
        return Json(new StatusAnswer(run, await (await served.OpenAsync(run)).GetCountsAsync(), status));
    }

    private static async Task<BadQueryException> NoSuchKey(string run, string topic, string key, ServedView results)
    {
        var keys = await results.GetKeysAsync(topic);
        var there = keys.Count == 0 ? "none yet" : string.Join(", ", keys.Take(10)) + (keys.Count > 10 ? ", …" : "");
        return BadQueryException.NotFound($"key '{key}' has no results on {topic} in run '{run}'; there are {there}");
    }

    /// <summary>JSON; filled-in readings and graphs as one Arrow IPC stream where that is asked for.</summary>
    private static IResult Page(string topic, HttpRequest request, HistoryPage page)
    {
        if (page.Before is { } before)
        {
            // For every form of the answer, Arrow included.
            var query = QueryString.Create(request.Query.Where(pair => pair.Key != "before").Append(KeyValuePair.Create("before", new StringValues(before))));
            request.HttpContext.Response.Headers.Link = $"<{request.Path.ToUriComponent()}{query.ToUriComponent()}>; rel=\"next\"";
        }

        if (!request.Headers.Accept.ToString().Contains(ImputedArrow.ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return Json(page);
        }

        return topic switch
        {
            Topics.SensorImputed => TypedResults.Bytes(ImputedArrow.Encode(All<ImputedReadings>(page)), ImputedArrow.ContentType),
            Topics.SensorGraphs => TypedResults.Bytes(GraphsArrow.Encode(All<LearnedGraph>(page)), GraphsArrow.ContentType),
            _ => Json(page),
        };
    }

    private static IEnumerable<T> All<T>(HistoryPage page) => page.Results.Select(result => result.Data.Deserialize<T>(ResultJson.Options)!);

    private static IResult Json<T>(T value) => TypedResults.Json(value, ResultJson.Options);
}
