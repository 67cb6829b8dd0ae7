using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Dashboard.Live;
using Streams.Dashboard.Serving;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Api;

/// <summary>Results as server-sent events.</summary>
internal sealed class LiveEndpoint(LiveResults live, IOptions<DashboardOptions> options)
{
    private int _connections;

    public IResult Get(HttpContext context)
    {
        var request = context.Request;
        var run = QueryArguments.Run(request);
        var topic = request.Query.ContainsKey("topic") ? QueryArguments.Topic(request.Query["topic"].ToString()) : null;
        var key = QueryArguments.Key(request);
        var cursor = QueryArguments.Cursor(request);
        if (Interlocked.Increment(ref _connections) > options.Value.MaxLiveConnections)
        {
            Interlocked.Decrement(ref _connections);
            throw new BadQueryException(
                StatusCodes.Status503ServiceUnavailable,
                "Too many live connections",
                $"all {options.Value.MaxLiveConnections} live connections are taken; try again, or raise MaxLiveConnections");
        }

        DashboardTelemetry.Connected(1);
        context.Response.OnCompleted(() =>
        {
            Interlocked.Decrement(ref _connections);
            DashboardTelemetry.Connected(-1);
            return Task.CompletedTask;
        });

        // Nothing between here and the browser may collect events before passing them on.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        bool Wanted(ResultRecord result) => (topic is null || result.Topic == topic) && (key is null || result.Key == key);
        return TypedResults.ServerSentEvents(Events(run, cursor, Wanted, context.RequestAborted));
    }

    private async IAsyncEnumerable<SseItem<string>> Events(
        string run,
        LiveCursor? cursor,
        Func<ResultRecord, bool> wanted,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var events = live
            .FollowAsync(run == ServedResults.LiveOwn ? Topics.LiveRun : run, cursor, options.Value.Heartbeat, wanted, run == Topics.LiveRun, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or RedisException or TimeoutException)
            {
                // The browser comes back by itself, with the id of the last event that it has.
                yield break;
            }

            if (events.Current.Entry is { } entry)
            {
                DashboardTelemetry.Delivered(entry);
            }

            yield return Item(run, events.Current);
        }
    }

    private static SseItem<string> Item(string run, LiveEvent item) =>
        item.Kind == LiveEventKind.Result
            ? new SseItem<string>(Encoding.UTF8.GetString(item.Entry!.Json)) { EventId = item.Cursor.ToString() }
            : new SseItem<string>(
                Encoding.UTF8.GetString(ResultJson.Serialize(new { Run = run })),
                item.Kind.ToString().ToLowerInvariant())
            {
                EventId = item.Cursor.ToString(),
                ReconnectionInterval = item.Kind == LiveEventKind.Heartbeat ? null : TimeSpan.FromSeconds(1),
            };
}
