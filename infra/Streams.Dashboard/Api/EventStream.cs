using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Streams.Dashboard.Api;

/// <summary>
/// An answer of server-sent events that are bytes already. What is at hand goes out in one piece, so that a reader whom many results come for at once
/// costs one call of the system instead of as many.
/// </summary>
internal sealed class EventStream(IAsyncEnumerable<ReadOnlyMemory<byte>> events) : IResult
{
    private const int MostAtOnce = 64 << 10;

    public async Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        // Nothing between here and the browser may collect events before passing them on.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();

        var unsent = 0;
        await using var each = events.GetAsyncEnumerator(context.RequestAborted);
        while (true)
        {
            var next = each.MoveNextAsync();
            if (unsent > 0 && (!next.IsCompleted || unsent >= MostAtOnce))
            {
                unsent = 0;
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
