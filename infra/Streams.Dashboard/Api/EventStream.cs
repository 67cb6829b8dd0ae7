using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Streams.Dashboard.Api;

/// <summary>
/// An answer of server-sent events that are bytes already. What is at hand goes out in one piece, so that a reader whom many results come for at once
/// costs one call of the system instead of as many. The first event after a pause goes out at once; what follows within <see cref="Rest"/> goes together, so
/// that a thousand readers of a busy pipeline leave it its processors.
/// </summary>
internal sealed class EventStream(IAsyncEnumerable<ReadOnlyMemory<byte>> events) : IResult
{
    private const int MostAtOnce = 64 << 10;

    /// <summary>Between two pieces, at least: less than an eye can tell.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(40);

    public async Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        // Nothing between here and the browser may collect events before passing them on.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();

        var (unsent, sentAt) = (0, 0L);
        await using var each = events.GetAsyncEnumerator(context.RequestAborted);
        while (true)
        {
            var next = each.MoveNextAsync();
            if (unsent is > 0 and < MostAtOnce && !next.IsCompleted && sentAt != 0 && Rest - Stopwatch.GetElapsedTime(sentAt) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (unsent > 0 && (!next.IsCompleted || unsent >= MostAtOnce))
            {
                (unsent, sentAt) = (0, Stopwatch.GetTimestamp());
                await response.BodyWriter.FlushAsync(CancellationToken.None);
            }

            if (!await next)
            {
                return;
            }

            response.BodyWriter.Write(each.Current.Span);
            unsent += each.Current.Length;
        }
    }
}
