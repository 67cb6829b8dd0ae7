using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Streams.Dashboard.Api;

/// <summary>Turns what endpoints throw into RFC 9457 problem details.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await Problem(context, e).ExecuteAsync(context);
        }
    }

    private IResult Problem(HttpContext context, Exception e)
    {
        switch (e)
        {
            case BadQueryException query:
                return TypedResults.Problem(query.Message, statusCode: query.Status, title: query.Title);
            case BadHttpRequestException bad:
                return TypedResults.Problem(bad.Message, statusCode: bad.StatusCode, title: "Bad request");
            case RedisException or TimeoutException:
                DashboardLog.RedisFailed(logger, context.Request.Path, e.Message);
                return TypedResults.Problem(
                    "Redis did not answer; results are kept and will be there when it is back. Check it with 'streams doctor'.",
                    statusCode: StatusCodes.Status503ServiceUnavailable,
                    title: "Redis is not reachable");
            default:
                DashboardLog.RequestFailed(logger, context.Request.Method, context.Request.Path, e);
                return TypedResults.Problem(
                    $"the program's log has the reason under {context.TraceIdentifier}",
                    statusCode: StatusCodes.Status500InternalServerError,
                    title: "An error of ours");
        }
    }
}
