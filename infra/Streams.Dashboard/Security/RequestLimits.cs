using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Streams.Dashboard.Security;

/// <summary>How much one client may ask for.</summary>
internal static class RequestLimits
{
    private const int BurstSeconds = 2;

    public static void Configure(KestrelServerOptions server, SecurityOptions options)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        server.Limits.MaxConcurrentConnections = options.MaxConnections;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    }

    public static void Configure(RateLimiterOptions limiter, SecurityOptions options)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context => RateLimitPartition.GetTokenBucketLimiter(
            context.Connection.RemoteIpAddress ?? IPAddress.None,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.RequestsPerSecond * BurstSeconds,
                TokensPerPeriod = options.RequestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));
        limiter.OnRejected = async (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
            await TypedResults.Problem(
                $"more than {options.RequestsPerSecond} requests a second come from this address; ask more slowly, or raise Streams:Security:RequestsPerSecond",
                statusCode: StatusCodes.Status429TooManyRequests,
                title: "Too many requests").ExecuteAsync(rejected.HttpContext);
        };
    }
}
