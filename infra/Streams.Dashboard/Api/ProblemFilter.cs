using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Streams.Dashboard.Api;

/// <summary>Turns what endpoints throw into RFC 7807 problem details.</summary>
internal sealed class ProblemFilter(ILogger<ProblemFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (BadQueryException e)
        {
            return TypedResults.Problem(e.Message, statusCode: e.Status, title: e.Title);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            DashboardLog.RedisFailed(logger, context.HttpContext.Request.Path, e.Message);
            return TypedResults.Problem(
                "Redis did not answer; results are kept and will be there when it is back. Check it with 'streams doctor'.",
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "Redis is not reachable");
        }
    }
}
