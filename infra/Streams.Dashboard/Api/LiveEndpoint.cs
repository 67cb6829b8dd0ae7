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
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

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

        bool Wanted(ResultRecord result) => (topic is null || result.Topic == topic) && (key is null || result.Key == key);
        return new EventStream(Events(run, cursor, Wanted, context.RequestAborted));
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> Events(
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

            var item = events.Current;
            if (item.Entry is { } entry)
            {
                DashboardTelemetry.Delivered(entry);
                yield return entry.ToEvent(item.Cursor);
            }
            else
            {
                yield return ToEvent(run, item);
            }
        }
    }

    private static byte[] ToEvent(string run, LiveEvent item) => Encoding.UTF8.GetBytes(
        $"event: {item.Kind.ToString().ToLowerInvariant()}\nid: {item.Cursor}\n"
        + (item.Kind == LiveEventKind.Heartbeat ? "" : $"retry: {ReconnectAfter.TotalMilliseconds:0}\n")
        + $"data: {Encoding.UTF8.GetString(ResultJson.Serialize(new { Run = run }))}\n\n");
}
