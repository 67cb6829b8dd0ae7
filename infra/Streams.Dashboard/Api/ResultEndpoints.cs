using Microsoft.AspNetCore.Http;
using Streams.Dashboard.Results;
using Streams.Dashboard.Status;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Api;

/// <summary>Results and status over REST.</summary>
internal static class ResultEndpoints
{
    public static async Task<IResult> Runs(RedisResultStore store) =>
        Json(new { Runs = await store.GetRunsAsync() });

    public static async Task<IResult> Keys(string topic, HttpRequest request, RedisResultStore store)
    {
        QueryArguments.Topic(topic);
        var run = await QueryArguments.ExistingRunAsync(request, store);
        return Json(new { Run = run, Topic = topic, Keys = await store.GetKeysAsync(run, topic) });
    }

    public static async Task<IResult> Latest(string topic, HttpRequest request, RedisResultStore store)
    {
        QueryArguments.Topic(topic);
        var run = await QueryArguments.ExistingRunAsync(request, store);
        if (QueryArguments.Key(request) is not { } key)
        {
            return Json(new { Results = await store.GetLatestAsync(run, topic) });
        }

        return Json(await store.GetLatestAsync(run, topic, key) ?? throw await NoSuchKey(run, topic, key, store));
    }

    public static async Task<IResult> History(string topic, HttpRequest request, RedisResultStore store)
    {
        QueryArguments.Topic(topic);
        var run = await QueryArguments.ExistingRunAsync(request, store);
        var query = QueryArguments.History(request);
        if (QueryArguments.Key(request) is { } key)
        {
            var page = await store.GetHistoryAsync(run, topic, key, query);
            return page.Results.Count > 0 || (await store.GetKeysAsync(run, topic)).Contains(key)
                ? Json(page)
                : throw await NoSuchKey(run, topic, key, store);
        }

        return query.Before is null
            ? Json(new HistoryPage(await store.GetHistoryAsync(run, topic, query), Before: null))
            : throw BadQueryException.Argument("before", query.Before, "needs key: pages are of one key");
    }

    public static async Task<IResult> Status(HttpRequest request, RedisResultStore store, IPipelineStatus pipeline, CancellationToken cancellationToken)
    {
        var run = await QueryArguments.ExistingRunAsync(request, store);
        return Json(new
        {
            Run = run,
            Counts = await store.GetCountsAsync(run),
            Pipeline = await pipeline.GetAsync(cancellationToken),
        });
    }

    private static async Task<BadQueryException> NoSuchKey(string run, string topic, string key, RedisResultStore store)
    {
        var keys = await store.GetKeysAsync(run, topic);
        var there = keys.Count == 0 ? "none yet" : string.Join(", ", keys.Take(10)) + (keys.Count > 10 ? ", …" : "");
        return BadQueryException.NotFound($"key '{key}' has no results on {topic} in run '{run}'; there are {there}");
    }

    private static IResult Json<T>(T value) => TypedResults.Json(value, ResultJson.Options);
}
